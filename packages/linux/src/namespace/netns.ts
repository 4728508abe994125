import { closeSync, mkdirSync, openSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasErrno } from '@slipway/core'
import { mount, unmount } from '../mount/mount.ts'
import { isMountPoint } from '../mount/mount-point.ts'
import { runBatch } from '../netlink/batch.ts'
import { withNewNetns } from './enter.ts'

/**
 * Makes a network namespace that lives as long as the file `path`, with its loopback up, as `ip netns add` does. An empty
 * file that a crash left is taken over; a namespace that is there throws EEXIST.
 */
export const makeNetns = (path: string): void => {
  claim(path)
  try {
    withNewNetns(() => {
      runBatch([{ do: 'set-up', name: 'lo' }])
      mount({ source: '/proc/thread-self/ns/net', target: path, type: '', flags: ['bind'] })
    })
  } catch (error) {
    unlinkSync(path)
    throw error
  }
}

/** The file that the namespace is mounted on. */
const claim = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  try {
    closeSync(openSync(path, 'wx', 0o444))
  } catch (error) {
    if (!hasErrno(error, 'EEXIST') || isMountPoint(path)) throw error
  }
}

/** Takes the name away; the namespace ends with its last process and socket. One that isn't there is no error. */
export const removeNetns = (path: string): void => {
  unmount(path, { lazy: true })
  try {
    unlinkSync(path)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error
  }
}
