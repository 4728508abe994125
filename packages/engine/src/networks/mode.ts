import type { ContainerCreateBody, HostConfig } from '@slipway/client'
import { invalid, messageOf } from '@slipway/core'
import { checkExtraHost } from '@slipway/network'

const isAny = (list: readonly string[] | null | undefined): boolean => (list?.length ?? 0) > 0

const linksWith = (what: string): string =>
  `conflicting options: ${what} can't be used with links. This would result in undefined behavior`

interface Conflict {
  /** Of a container that has another one's network, or the host's. */
  readonly modes: readonly ('container' | 'host')[]
  readonly isAsked: (body: ContainerCreateBody, host: HostConfig) => boolean
  readonly problem: string
}

/** What is the other's to say where a network is shared, in docker's order and words. */
const conflicts: readonly Conflict[] = [
  {
    modes: ['container'],
    isAsked: ({ Hostname }) => Boolean(Hostname),
    problem: 'conflicting options: hostname and the network mode',
  },
  { modes: ['host'], isAsked: (_, { Links }) => isAny(Links), problem: linksWith('host type networking') },
  { modes: ['container'], isAsked: (_, { Links }) => isAny(Links), problem: linksWith('container type network') },
  {
    modes: ['container'],
    isAsked: (_, { Dns }) => isAny(Dns),
    problem: 'conflicting options: dns and the network mode',
  },
  {
    modes: ['container'],
    isAsked: (_, { ExtraHosts }) => isAny(ExtraHosts),
    problem: 'conflicting options: custom host-to-IP mapping and the network mode',
  },
  {
    modes: ['container'],
    isAsked: (_, { PortBindings, PublishAllPorts }) =>
      PublishAllPorts === true || Object.keys(PortBindings ?? {}).length > 0,
    problem: 'conflicting options: port publishing and the container type network mode',
  },
  {
    modes: ['container'],
    isAsked: ({ ExposedPorts }) => Object.keys(ExposedPorts ?? {}).length > 0,
    problem: 'conflicting options: port exposing and the container type network mode',
  },
]

/** Whether what is asked for goes with the network mode. Throws invalid in docker's words. */
export const checkNetworkMode = (body: ContainerCreateBody, host: HostConfig): void => {
  const mode = host.NetworkMode ?? ''
  if (mode === 'container' || mode === 'container:') {
    throw invalid('invalid network mode: invalid container format container:<name|id>')
  }
  const kind = mode.startsWith('container:') ? 'container' : mode
  const found = conflicts.find(({ modes, isAsked }) => modes.some((one) => one === kind) && isAsked(body, host))
  if (found !== undefined) throw invalid(found.problem)
  for (const text of host.ExtraHosts ?? []) checkExtraHost(text)
}

/** Networks that have names of their own: the name server looks for a link's target when it is asked. */
const hasOwnNames = (mode: string): boolean =>
  !['', 'default', 'bridge', 'host', 'none'].includes(mode) && !mode.startsWith('container:')

/** Whether those that `--link` names are there, where that matters. Throws invalid in docker's words. */
export const checkLinks = ({ Links, NetworkMode = '' }: HostConfig, find: (name: string) => unknown): void => {
  if (hasOwnNames(NetworkMode)) return
  for (const link of Links ?? []) {
    if (link === '') throw invalid('empty string specified for links')
    const [name = '', , ...more] = link.replace(/^\//, '').split(':')
    if (more.length > 0) throw invalid(`bad format for links: ${link.slice(0, 80)}`)
    try {
      find(name)
    } catch (error) {
      throw invalid(`could not get container for ${name.slice(0, 80)}: ${messageOf(error)}`, error)
    }
  }
}
