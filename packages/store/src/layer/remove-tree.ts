import { closeSync, constants, openSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { hasErrno } from '@slipway/core'
import type { JobContext } from '../workers/job.ts'
import { inDirectory, ofDescriptor, type RawName } from './file-name.ts'

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** Every level holds a descriptor; a tree can be deeper than there are descriptors. */
const maximumDepth = 100

let moves = 0

/** What lies too deep, moved to the top, to be removed from there. */
interface Moved {
  readonly top: number
  readonly names: RawName[]
}

/**
 * Removes whatever `name` is, stepping into directories by their descriptors: someone who puts a symlink where a
 * directory was can't lead this elsewhere. Yields after each removal.
 */
function* removal(fd: number, name: RawName, moved: Moved, depth = 0): Generator<void, void, void> {
  const path = inDirectory(fd, name)
  try {
    unlinkSync(path)
    yield
    return
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return
    if (!hasErrno(error, 'EISDIR') && !hasErrno(error, 'EPERM')) throw error
  }
  if (depth === maximumDepth) {
    const above = `.slipway-removed-${process.pid}-${threadId}-${moves++}`
    renameSync(path, inDirectory(moved.top, above))
    moved.names.push(above)
    return
  }
  const directory = openSync(path, directoryFlags)
  try {
    for (const child of readdirSync(ofDescriptor(directory), 'latin1')) {
      yield* removal(directory, child, moved, depth + 1)
    }
  } finally {
    closeSync(directory)
  }
  rmdirSync(path)
  yield
}

function* removals(fd: number, name: RawName): Generator<void, void, void> {
  const moved: Moved = { top: fd, names: [name] }
  for (let next = moved.names.pop(); next !== undefined; next = moved.names.pop()) yield* removal(fd, next, moved)
}

/** Removes whatever `name` in an open directory is, with all below it. Nothing there is no error. */
export const removeEntry = (fd: number, name: RawName): void => {
  for (const _ of removals(fd, name));
}

const stepsPerTurn = 500

/** A worker's job: empties directories, in turns, so that other jobs of the thread go on. */
export const removeTrees = async (
  { directory, names }: { readonly directory: string; readonly names: readonly string[] },
  { signal }: JobContext,
): Promise<void> => {
  const fd = openSync(directory, directoryFlags)
  try {
    let steps = 0
    for (const name of names) {
      for (const _ of removals(fd, name)) {
        if (++steps % stepsPerTurn !== 0) continue
        await setImmediate()
        signal.throwIfAborted()
      }
    }
  } finally {
    closeSync(fd)
  }
}
