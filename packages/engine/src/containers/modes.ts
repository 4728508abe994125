import type { ContainerCreateBody, HostConfig } from '@slipway/client'
import { invalid, messageOf } from '@slipway/core'

const isContainer = (mode: string): boolean => /^container:.+/.test(mode)

/** For each namespace: what docker calls it in a refusal, and the modes there are beside another container's. */
const namespaces = [
  { field: 'IpcMode', name: 'IPC', modes: ['', 'none', 'private', 'shareable', 'host'], joinable: true },
  { field: 'PidMode', name: 'PID', modes: ['', 'host'], joinable: true },
  { field: 'UTSMode', name: 'UTS', modes: ['', 'host'], joinable: false },
  { field: 'UsernsMode', name: 'USER', modes: ['', 'host'], joinable: false },
  { field: 'CgroupnsMode', name: 'cgroup namespace', modes: ['', 'private', 'host'], joinable: false },
] as const

/** Whether the containers whose namespaces are joined are there. Throws invalid in docker's words. */
export const checkJoined = ({ IpcMode, PidMode }: HostConfig, find: (name: string) => unknown): void => {
  for (const mode of [IpcMode, PidMode]) {
    const [, name] = /^container:(.+)/.exec(mode ?? '') ?? []
    try {
      if (name !== undefined) find(name)
    } catch (error) {
      throw invalid(messageOf(error), error)
    }
  }
}

/** By id, whom the namespaces are shared with: names change. What isn't there is told when it starts. */
export const withJoinedIds = (host: HostConfig, idOf: (name: string) => string): HostConfig => {
  const byId = (mode: string | undefined): string => {
    const [, name] = /^container:(.+)/.exec(mode ?? '') ?? []
    try {
      return name === undefined ? (mode ?? '') : `container:${idOf(name)}`
    } catch {
      return mode ?? ''
    }
  }
  return { ...host, NetworkMode: byId(host.NetworkMode), IpcMode: byId(host.IpcMode), PidMode: byId(host.PidMode) }
}

/** Which namespaces a container has of its own. Throws invalid in docker's words. */
export const checkModes = (body: ContainerCreateBody, host: HostConfig): void => {
  for (const { field, name, modes, joinable } of namespaces) {
    const mode = host[field] ?? ''
    if ((modes as readonly string[]).includes(mode) || (joinable && isContainer(mode))) continue
    throw invalid(`invalid ${name} mode: ${mode.slice(0, 80)}`)
  }
  if (host.UTSMode === 'host' && (body.Hostname || body.Domainname)) {
    throw invalid('conflicting options: hostname and the UTS mode')
  }
  const isolation = host.Isolation ?? ''
  if (isolation !== '' && isolation !== 'default') {
    throw invalid(`invalid isolation (${isolation.slice(0, 80)}): linux only supports 'default'`)
  }
}
