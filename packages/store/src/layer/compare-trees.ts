import { closeSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs'
import type { ChangeKind } from '@slipway/core'
import { readXattrs } from './describe.ts'
import { statIn } from './directories.ts'
import { inDirectory, joinNames, ofDescriptor, type RawName } from './file-name.ts'
import { openDirectory } from './walk.ts'

const typeMask = 0o170000

export interface Comparison {
  /** Files of the same size and time are read: they were written at the same moment, and differ. */
  readonly contents?: boolean
}

interface Comparing {
  readonly changes: Map<RawName, ChangeKind>
  readonly how: Comparison
}

/** A name in an open directory of one of the trees. */
interface Side {
  readonly fd: number
  readonly stat: Stats
}

const sameXattrs = (one: string | Buffer, other: string | Buffer): boolean => {
  const [before, after] = [readXattrs(one), readXattrs(other)]
  return before.size === after.size && [...before].every(([name, value]) => after.get(name)?.equals(value) === true)
}

const pieceSize = 1 << 20

const sameBytes = (one: string | Buffer, other: string | Buffer): boolean => {
  const fds = [openSync(one, 'r'), openSync(other, 'r')] as const
  try {
    const pieces = [Buffer.allocUnsafe(pieceSize), Buffer.allocUnsafe(pieceSize)] as const
    for (;;) {
      const lengths = [readSync(fds[0], pieces[0]), readSync(fds[1], pieces[1])] as const
      if (!pieces[0].subarray(0, lengths[0]).equals(pieces[1].subarray(0, lengths[1]))) return false
      if (lengths[0] === 0) return true
    }
  } finally {
    for (const fd of fds) closeSync(fd)
  }
}

/** Times are copied to the microsecond. A directory's says nothing: what changed in it is found by itself. */
const sameContent = (name: RawName, before: Side, after: Side, { contents }: Comparison): boolean => {
  if (before.stat.isDirectory()) return true
  if (before.stat.isSymbolicLink()) {
    return readlinkSync(inDirectory(before.fd, name), 'latin1') === readlinkSync(inDirectory(after.fd, name), 'latin1')
  }
  const looksSame = before.stat.size === after.stat.size && Math.abs(before.stat.mtimeMs - after.stat.mtimeMs) < 0.002
  if (!looksSame || contents !== true || !before.stat.isFile()) return looksSame
  return sameBytes(inDirectory(before.fd, name), inDirectory(after.fd, name))
}

const isSame = (name: RawName, before: Side, after: Side, how: Comparison): boolean =>
  before.stat.mode === after.stat.mode &&
  before.stat.uid === after.stat.uid &&
  before.stat.gid === after.stat.gid &&
  before.stat.rdev === after.stat.rdev &&
  sameContent(name, before, after, how) &&
  sameXattrs(inDirectory(before.fd, name), inDirectory(after.fd, name))

/**
 * What `after` has otherwise than `before`, by path, in the order of a walk. Directories above a change count as
 * modified. What was in a directory that is gone or is no directory any more isn't listed.
 */
export const compareTrees = (
  before: number | null,
  after: number,
  how: Comparison = {},
): ReadonlyMap<RawName, ChangeKind> => {
  const changes = new Map<RawName, ChangeKind>()
  compareDirectories(before, after, '', { changes, how })
  return changes
}

const namesIn = (fd: number | null): readonly RawName[] => (fd === null ? [] : readdirSync(ofDescriptor(fd), 'latin1'))

/** True when something below has changed. */
const compareDirectories = (before: number | null, after: number, prefix: RawName, comparing: Comparing): boolean => {
  const { changes, how } = comparing
  let changed = false
  for (const name of [...new Set([...namesIn(before), ...namesIn(after)])].sort()) {
    const path = joinNames(prefix, name)
    const old = before === null ? undefined : statIn(before, name)
    const now = statIn(after, name)
    const there = old === undefined || before === null ? undefined : { fd: before, stat: old }
    if (now === undefined) changes.set(path, 'deleted')
    else if (there === undefined) changes.set(path, 'added')
    else if (!isSame(name, there, { fd: after, stat: now }, how)) changes.set(path, 'modified')
    const wasDirectory = old?.isDirectory() === true && (old.mode & typeMask) === ((now?.mode ?? 0) & typeMask)
    if (now?.isDirectory()) {
      const kind = changes.get(path)
      // Set before what is below it, so that the order is that of a walk; taken back if nothing was there.
      if (kind === undefined) changes.set(path, 'modified')
      const below = compareBelow(wasDirectory ? before : null, after, { name, path }, comparing)
      if (kind === undefined && !below) changes.delete(path)
    }
    changed ||= changes.has(path)
  }
  return changed
}

const compareBelow = (
  before: number | null,
  after: number,
  { name, path }: { readonly name: RawName; readonly path: RawName },
  comparing: Comparing,
): boolean => {
  const old = before === null ? null : openDirectory(inDirectory(before, name))
  try {
    const now = openDirectory(inDirectory(after, name))
    try {
      return compareDirectories(old, now, path, comparing)
    } finally {
      closeSync(now)
    }
  } finally {
    if (old !== null) closeSync(old)
  }
}
