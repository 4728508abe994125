import { createWriteStream } from 'node:fs'
import { chmod, lchown, link, lstat, lutimes, mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { hasErrno, SlipwayError } from '@slipway/core'
import type { TarMember } from '../context/tar-header.ts'
import { readTar, type TarPart } from './read-tar.ts'

export interface UnpackToOptions {
  /** Files get the owners that the tar says; otherwise they are the caller's. */
  readonly owners?: boolean
  /** Names in the tar have no top: `./a` and `/a` are `a` in `target`. Otherwise their first part stands for `target`. */
  readonly contents?: boolean
}

const refuse = (path: string, why: string): never => {
  throw new SlipwayError('invalid', `${JSON.stringify(path)} ${why}`)
}

/** The parts of a name below the top. */
const partsOf = (path: string, contents: boolean): readonly string[] => {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) refuse(path, 'leaves the archive')
  return contents ? parts : parts.slice(1)
}

const kindOf = async (path: string): Promise<'nothing' | 'directory' | 'other'> => {
  try {
    return (await lstat(path)).isDirectory() ? 'directory' : 'other'
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 'nothing'
    throw error
  }
}

/** Whoever made the archive may have put a symlink first and a file below it second: no link below `target` is followed. */
const requireParents = async (target: string, parts: readonly string[]): Promise<void> => {
  let path = target
  for (const part of parts.slice(0, -1)) {
    path = join(path, part)
    const kind = await kindOf(path)
    if (kind === 'nothing') await mkdir(path)
    else if (kind === 'other') refuse(path, 'is not a directory')
  }
}

/** Makes room for a member, and makes it; its body's bytes are given back. */
const place = async (part: TarPart, target: string, contents: boolean): Promise<string | undefined> => {
  const { member, body } = part
  const parts = partsOf(member.path, contents)
  await requireParents(target, parts)
  const path = join(target, ...parts)
  const kind = await kindOf(path)
  if (member.type === 'directory') {
    // The top may be a symlink to a directory: it is the caller's own.
    if (kind === 'nothing') await mkdir(path)
    else if (kind === 'other' && parts.length > 0) refuse(path, 'is not a directory and would be overwritten by one')
    return path
  }
  if (kind === 'directory') refuse(path, 'is a directory and would be overwritten by something else')
  await rm(path, { force: true })
  switch (member.type) {
    case 'file':
      await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
      return path
    case 'symlink':
      await symlink(member.linkname ?? '', path)
      return path
    case 'hardlink':
      await linkWithin(member, { target, path, contents })
      return undefined
    default:
      return undefined
  }
}

const linkWithin = async (
  { linkname = '' }: TarMember,
  { target, path, contents }: { readonly target: string; readonly path: string; readonly contents: boolean },
): Promise<void> => {
  const parts = partsOf(linkname, contents)
  await requireParents(target, parts)
  await link(join(target, ...parts), path)
}

const applyMetadata = async (path: string, member: TarMember, owners: boolean): Promise<void> => {
  const { owner = { uid: 0, gid: 0 }, type, mode, mtime } = member
  if (owners) await lchown(path, owner.uid, owner.gid)
  if (type !== 'symlink') await chmod(path, mode)
  await lutimes(path, mtime, mtime)
}

/**
 * Unpacks a tar that an engine sent: its top becomes `target`, whose parent is there. Nothing outside of `target` is written,
 * whatever the tar says. Devices and FIFOs are left out; returns their names.
 */
export const unpackTo = async (
  tar: AsyncIterable<Uint8Array>,
  target: string,
  { owners = false, contents = false }: UnpackToOptions = {},
): Promise<readonly string[]> => {
  const leftOut: string[] = []
  // A directory's time and mode come last: what is put into it changes the one, and may be forbidden by the other.
  const directories: { readonly path: string; readonly member: TarMember }[] = []
  for await (const part of readTar(tar)) {
    const { member } = part
    const path = await place(part, target, contents)
    if (path === undefined) {
      if (member.type !== 'hardlink') leftOut.push(member.path)
    } else if (member.type === 'directory') directories.push({ path, member })
    else await applyMetadata(path, member, owners)
  }
  for (const { path, member } of directories.reverse()) {
    if (path !== target || !contents) await applyMetadata(path, member, owners)
  }
  return leftOut
}
