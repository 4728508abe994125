import type { Mount } from '@slipway/core'
import type { PathLike } from '../kernel/calls.ts'
import { bindMount } from './bind.ts'
import { longestMountData, mount, unmount } from './mount.ts'
import { type MountOptions, parseMountOptions } from './options.ts'
import { mountOverlay } from './overlay.ts'

/**
 * Mounts what a snapshotter described, one over the other, at `target`. If one fails, those before it are taken off
 * again. Understands `bind` (with `ro`, `rbind` and the like), `overlay` with any number of lower directories, and plain
 * file systems.
 */
export const mountSnapshot = (mounts: readonly Mount[], target: PathLike): void => {
  let done = 0
  try {
    for (const each of mounts) {
      mountOne(each, target)
      done++
    }
  } catch (error) {
    for (; done > 0; done--) unmount(target, { lazy: true })
    throw error
  }
}

const mountOne = ({ type, source, options }: Mount, target: PathLike): void => {
  const parsed = parseMountOptions(options)
  const isBind = type === 'bind' || parsed.flags.includes('bind')
  if (isBind) bindMount(source, target, parsed.flags)
  else if (type === 'overlay' && !fitsOneCall(parsed)) mountOverlay(source, parsed, target)
  else mount({ type, source, target, flags: parsed.flags, data: parsed.data.join(',') })
}

/** mount(2) takes one page of options, and commas between them have no way to be told from commas within. */
const fitsOneCall = ({ data }: MountOptions): boolean =>
  Buffer.byteLength(data.join(',')) <= longestMountData && data.every((option) => !option.includes(','))
