import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { conflict, hasCode, hasErrno } from '@slipway/core'
import { bindMount, mount, mountSnapshot, O_PATH, openInRoot, unmount } from '@slipway/linux'
import type { SpecMount } from '@slipway/runtime'
import { packTar, unpackInto } from '@slipway/store'
import { readyMounts, releaseVolumes } from '../mounts/ready.ts'
import type { ContainerRecord } from '../records.ts'
import { type ContainerRoom, pathsOf } from '../room.ts'

/**
 * Gives `body` a directory that is the container's `/`, with what is mounted in it. A running container's is seen through
 * its first process; of one that doesn't run, the root is mounted for the time, and it can't be started meanwhile.
 */
export const withRoot = async <T>(room: ContainerRoom, id: string, body: (root: string) => Promise<T>): Promise<T> => {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    using live = openLive(room.records.find(id))
    if (live !== undefined) return await body(live.path)
    const done = await room.lock.run(id, async () => {
      const record = room.records.find(id)
      // It was started while others held the lock, or has ended and its end isn't dealt with yet.
      return record.state.pid > 0 ? undefined : { value: await withMounted(room, record, body) }
    })
    if (done !== undefined) return done.value
    await delay(betweenAttempts)
  }
  throw conflict(`the file system of container ${id} can not be reached while it starts or ends`)
}

const attempts = 40
const betweenAttempts = 50

interface LiveRoot extends Disposable {
  readonly path: string
}

/** The descriptor names the process itself, not its number: what comes after the check can't be another's root. */
const openLive = ({ id, state }: ContainerRecord): LiveRoot | undefined => {
  if (state.pid === 0) return undefined
  try {
    const fd = openSync(`/proc/${state.pid}`, O_PATH | constants.O_DIRECTORY)
    const live = { path: `/proc/self/fd/${fd}/root`, [Symbol.dispose]: () => closeSync(fd) }
    if (readFileSync(`/proc/self/fd/${fd}/cgroup`, 'utf8').includes(id)) return live
    live[Symbol.dispose]()
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ESRCH')) throw error
  }
  return undefined
}

const withMounted = async <T>(
  room: ContainerRoom,
  record: ContainerRecord,
  body: (root: string) => Promise<T>,
): Promise<T> => {
  // The place of a running container's root: what a crash leaves mounted there is taken away at the next start.
  const { id } = record
  const { rootfs, bundle } = pathsOf(room, id)
  await mkdir(rootfs, { recursive: true, mode: 0o711 })
  try {
    mountSnapshot(await room.snapshots.mounts(id), rootfs)
    await using ready = await readyMounts(room, record)
    for (const wanted of ready.mounts) if (wanted.kind === 'bind') await bindInto(rootfs, wanted)
    return await body(rootfs)
  } finally {
    unmount(rootfs, { lazy: true })
    await rm(bundle, { recursive: true, force: true })
    releaseVolumes(room, id)
  }
}

/** A directory to mount on is made where the image has none; a single file is left out there. */
const bindInto = async (root: string, bind: Extract<SpecMount, { kind: 'bind' }>): Promise<void> => {
  const { source, destination, readonly } = bind
  const isDirectory = (await stat(source)).isDirectory()
  if (isDirectory) await unpackInto(root, destination, packTar([]), { create: true }).catch(unlessNoDirectory)
  try {
    const fd = openInRoot(root, destination, O_PATH | (isDirectory ? constants.O_DIRECTORY : 0))
    try {
      const target = `/proc/self/fd/${fd}`
      if (isDirectory) bindMount(source, `${target}/.`, readonly ? ['rec', 'ro'] : ['rec'])
      else mount({ source, target, type: '', flags: ['bind'] })
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ENOTDIR')) throw error
  }
}

const unlessNoDirectory = (error: unknown): void => {
  if (!hasCode(error, 'invalid')) throw error
}
