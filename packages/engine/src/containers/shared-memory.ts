import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { HostConfig } from '@slipway/client'
import { invalid } from '@slipway/core'
import { mount } from '@slipway/linux'
import type { SpecMount } from '@slipway/runtime'
import type { ContainerRecord } from './records.ts'
import { type ContainerRoom, pathsOf } from './room.ts'

const at = '/dev/shm'

/** Whose IPC namespace a container joins; undefined: nobody's. */
const donorOf = (room: ContainerRoom, { IpcMode = '' }: HostConfig): ContainerRecord | undefined =>
  IpcMode.startsWith('container:') ? room.records.find(IpcMode.slice('container:'.length)) : undefined

/** Throws invalid, in docker's words, for one that keeps its IPC namespace to itself. */
const checkShareable = ({ id, definition }: ContainerRecord): void => {
  const { IpcMode = '' } = definition.hostConfig
  // Who has another's shows the way to that one's.
  if (IpcMode === 'shareable' || IpcMode === 'host' || IpcMode.startsWith('container:')) return
  const hint = IpcMode === 'private' ? ' (hint: use IpcMode:shareable for the donor container)' : ''
  throw invalid(`failed to join IPC namespace: container ${id}: non-shareable IPC${hint}`)
}

/**
 * With `--ipc shareable` a container's /dev/shm is mounted on the host, for the kernel lets nobody mount what is seen in
 * another's mount namespace only. It goes with the run, though those that joined keep what they have.
 */
export const mountSharedMemory = async (room: ContainerRoom, record: ContainerRecord): Promise<void> => {
  const { IpcMode, ShmSize } = record.definition.hostConfig
  if (IpcMode !== 'shareable') return
  const target = pathsOf(room, record.id).sharedMemory
  await mkdir(target, { recursive: true, mode: 0o711 })
  const data = `mode=1777${ShmSize ? `,size=${ShmSize}` : ''}`
  mount({ source: 'shm', target, type: 'tmpfs', flags: ['nosuid', 'noexec', 'nodev'], data })
}

/** Where a container's /dev/shm comes from if it isn't its own alone. Throws invalid in docker's words. */
export const sharedMemory = (room: ContainerRoom, record: ContainerRecord): readonly SpecMount[] => {
  const { hostConfig } = record.definition
  if (hostConfig.IpcMode === 'host') return [{ kind: 'bind', source: at, destination: at, readonly: false }]
  const donor = donorOf(room, hostConfig)
  if (donor !== undefined) {
    checkShareable(donor)
    if (donor.definition.hostConfig.IpcMode !== 'shareable') return sharedMemory(room, donor)
  } else if (hostConfig.IpcMode !== 'shareable') return []
  const source = pathsOf(room, (donor ?? record).id).sharedMemory
  return existsSync(source) ? [{ kind: 'bind', source, destination: at, readonly: false }] : []
}
