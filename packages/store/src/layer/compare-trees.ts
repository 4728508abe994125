import { closeSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import type { ChangeKind } from '@slipway/core'
import { readXattrs } from './describe.ts'
import { statIn } from './directories.ts'
import { inDirectory, joinNames, ofDescriptor, type RawName } from './file-name.ts'
import { openDirectory } from './walk.ts'

const typeMask = 0o170000

/** A name in an open directory of one of the trees. */
interface Side {
  readonly fd: number
  readonly stat: Stats
}

const sameXattrs = (one: string | Buffer, other: string | Buffer): boolean => {
  const [before, after] = [readXattrs(one), readXattrs(other)]
  return before.size === after.size && [...before].every(([name, value]) => after.get(name)?.equals(value) === true)
}

/** Times are copied to the microsecond. A directory's says nothing: what changed in it is found by itself. */
const sameContent = (name: RawName, before: Side, after: Side): boolean => {
  if (before.stat.isDirectory()) return true
  if (before.stat.isSymbolicLink()) {
    return readlinkSync(inDirectory(before.fd, name), 'latin1') === readlinkSync(inDirectory(after.fd, name), 'latin1')
  }
  return before.stat.size === after.stat.size && Math.abs(before.stat.mtimeMs - after.stat.mtimeMs) < 0.002
}

const isSame = (name: RawName, before: Side, after: Side): boolean =>
  before.stat.mode === after.stat.mode &&
  before.stat.uid === after.stat.uid &&
  before.stat.gid === after.stat.gid &&
  before.stat.rdev === after.stat.rdev &&
  sameContent(name, before, after) &&
  sameXattrs(inDirectory(before.fd, name), inDirectory(after.fd, name))

/**
 * What `after` has otherwise than `before`, by path, in the order of a walk. Directories above a change count as
 * modified. What was in a directory that is gone or is no directory any more isn't listed.
 */
export const compareTrees = (before: number | null, after: number): ReadonlyMap<RawName, ChangeKind> => {
  const changes = new Map<RawName, ChangeKind>()
  compareDirectories(before, after, '', changes)
  return changes
}

const namesIn = (fd: number | null): readonly RawName[] => (fd === null ? [] : readdirSync(ofDescriptor(fd), 'latin1'))

/** True when something below has changed. */
const compareDirectories = (
  before: number | null,
  after: number,
  prefix: RawName,
  changes: Map<RawName, ChangeKind>,
): boolean => {
  let changed = false
  for (const name of [...new Set([...namesIn(before), ...namesIn(after)])].sort()) {
    const path = joinNames(prefix, name)
    const old = before === null ? undefined : statIn(before, name)
    const now = statIn(after, name)
    const there = old === undefined || before === null ? undefined : { fd: before, stat: old }
    if (now === undefined) changes.set(path, 'deleted')
    else if (there === undefined) changes.set(path, 'added')
    else if (!isSame(name, there, { fd: after, stat: now })) changes.set(path, 'modified')
    const wasDirectory = old?.isDirectory() === true && (old.mode & typeMask) === ((now?.mode ?? 0) & typeMask)
    if (now?.isDirectory()) {
      const kind = changes.get(path)
      // Set before what is below it, so that the order is that of a walk; taken back if nothing was there.
      if (kind === undefined) changes.set(path, 'modified')
      const below = compareBelow(wasDirectory ? before : null, after, { name, path }, changes)
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
  changes: Map<RawName, ChangeKind>,
): boolean => {
  const old = before === null ? null : openDirectory(inDirectory(before, name))
  try {
    const now = openDirectory(inDirectory(after, name))
    try {
      return compareDirectories(old, now, path, changes)
    } finally {
      closeSync(now)
    }
  } finally {
    if (old !== null) closeSync(old)
  }
}
