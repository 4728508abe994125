import type { Stats } from 'node:fs'
import { getXattr, type PathLike, setXattr } from '@slipway/linux'
import type { RawName } from './file-name.ts'

/** A file `.wh.x` in a layer's tar: `x` of the layers below is gone (OCI image-spec layer.md#whiteouts). */
export const whiteoutPrefix = '.wh.'
/** Nothing of the layers below shows in this directory. */
export const opaqueMarker = '.wh..wh..opq'
/** aufs kept its own things under these names; they mean nothing to anyone else. */
const aufsPrefix = '.wh..wh.'

export type Whiteout = { readonly kind: 'file'; readonly name: RawName } | { readonly kind: 'opaque' | 'ignored' }

export const isWhiteoutName = (name: string): boolean => name.startsWith(whiteoutPrefix)

/** What a name in a layer's tar says, if it is a whiteout. */
export const readWhiteout = (name: RawName): Whiteout | undefined => {
  if (!name.startsWith(whiteoutPrefix)) return undefined
  if (name === opaqueMarker) return { kind: 'opaque' }
  if (name.startsWith(aufsPrefix)) return { kind: 'ignored' }
  return { kind: 'file', name: name.slice(whiteoutPrefix.length) }
}

/** overlayfs's whiteout: a character device 0:0 (Documentation/filesystems/overlayfs.rst). */
export const isWhiteout = (stat: Stats): boolean => stat.isCharacterDevice() && stat.rdev === 0

const opaqueXattr = 'trusted.overlay.opaque'

export const markOpaque = (directory: PathLike): void => setXattr(directory, opaqueXattr, Buffer.from('y'))

export const isOpaque = (directory: PathLike): boolean => getXattr(directory, opaqueXattr)?.toString() === 'y'

/**
 * overlayfs's own notes on an upper directory. One that comes from outside could point into another layer, one that we
 * made means nothing elsewhere: dropped in both directions.
 */
export const isOverlayXattr = (name: string): boolean =>
  name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.')

/** Attributes that no tar gets: overlayfs's notes, and SELinux labels. */
export const belongsToHost = (name: string): boolean => isOverlayXattr(name) || name === 'security.selinux'
