import type { PortSummary } from '@slipway/client'
import { invalid, messageOf } from '@slipway/core'
import { type Filters, flagFilter, labelsMatch, someMatch } from '../filters.ts'
import { integer } from '../numbers.ts'
import { mountPoints } from './mounts/show.ts'
import { portSummaries } from './ports.ts'
import { type ContainerRecord, isUp } from './records.ts'
import type { ContainerRoom } from './room.ts'

export const containerFilters = [
  'ancestor',
  'before',
  'expose',
  'exited',
  'health',
  'id',
  'is-task',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
] as const

const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const healths = ['none', 'starting', 'healthy', 'unhealthy']

const matchesName = ({ name }: ContainerRecord, pattern: string): boolean => {
  try {
    return new RegExp(pattern.replace(/^\//, '')).test(name) || `/${name}` === pattern
  } catch {
    return name.includes(pattern)
  }
}

const sameImage = async (room: ContainerRoom, text: string): Promise<string | undefined> => {
  try {
    return (await room.images.resolve(text)).id
  } catch {
    return undefined
  }
}

/** Throws invalid in docker's words. */
const refuseValue = (filter: string, value: string, words: string, known: readonly string[]): never => {
  throw invalid(`invalid filter '${filter}=${value.slice(0, 80)}': ${words}: must be one of ${known.join(', ')}`)
}

const exitCodeOf = (text: string): number => {
  try {
    return integer('Atoi', text)
  } catch (error) {
    throw invalid(`invalid filter 'exited=${text.slice(0, 80)}': ${messageOf(error)}`, error)
  }
}

interface PortRange {
  readonly first: number
  readonly last: number
  readonly protocol: string
}

const largestPort = 65_535

/** `80`, `80/udp`, `8000-8080/tcp`. Throws invalid in docker's words. */
const portRange = (text: string): PortRange => {
  const [ports = '', protocol = 'tcp'] = text.split('/')
  const dash = ports.indexOf('-')
  const sides = dash === -1 ? [ports] : [ports.slice(0, dash), ports.slice(dash + 1)]
  const [first = 0, last = first] = sides.map((side) => integer('ParseUint', side, { largest: largestPort }))
  if (last < first) throw invalid(`Invalid range specified for the Port: ${ports}`)
  return { first, last, protocol }
}

const portRanges = (filters: Filters, name: 'publish' | 'expose'): readonly PortRange[] | undefined =>
  filters.get(name)?.map((text) => {
    try {
      return portRange(text)
    } catch (error) {
      throw invalid(`error while looking up for ${name} ${text.slice(0, 80)}: ${messageOf(error)}`, error)
    }
  })

/** Whether one of the ports is in one of the ranges; no ranges were asked for, all are. */
const isInside = (
  ranges: readonly PortRange[] | undefined,
  ports: readonly PortSummary[],
  numberOf: (port: PortSummary) => number | undefined,
): boolean =>
  ranges?.some(({ first, last, protocol }) =>
    ports.some((port) => {
      const number = numberOf(port) ?? 0
      return port.Type === protocol && first <= number && number <= last
    }),
  ) ?? true

/** A test for one container out of all the filters that were given. */
export const compileFilters = async (
  room: ContainerRoom,
  filters: Filters,
): Promise<(record: ContainerRecord) => boolean> => {
  for (const status of filters.get('status') ?? []) {
    if (!statuses.includes(status))
      refuseValue('status', status, `invalid value for state (${status.slice(0, 80)})`, statuses)
  }
  for (const health of filters.get('health') ?? []) {
    if (!healths.includes(health))
      refuseValue('health', health, `invalid value for health (${health.slice(0, 80)})`, healths)
  }
  const exitCodes = (filters.get('exited') ?? []).map(exitCodeOf)
  const ranges = { publish: portRanges(filters, 'publish'), expose: portRanges(filters, 'expose') }
  // A task is a swarm's: no container here is one.
  const isTask = flagFilter(filters, 'is-task')
  const ancestors = await Promise.all((filters.get('ancestor') ?? []).map((text) => sameImage(room, text)))
  const [before] = (filters.get('before') ?? []).map((text) => room.records.find(text).createdAt)
  const [since] = (filters.get('since') ?? []).map((text) => room.records.find(text).createdAt)
  return (record) => {
    const { id, definition, state } = record
    const { config } = definition
    const ports = portSummaries(config.ExposedPorts, isUp(record) ? state.ports : [])
    return (
      someMatch(filters, 'id', (value) => id.startsWith(value)) &&
      someMatch(filters, 'name', (value) => matchesName(record, value)) &&
      someMatch(filters, 'status', (value) => state.status === value) &&
      (!filters.has('exited') || (state.status === 'exited' && exitCodes.includes(state.exitCode))) &&
      isTask !== true &&
      someMatch(filters, 'network', (value) => value in definition.endpoints) &&
      someMatch(filters, 'health', (value) => value === (state.health?.Status ?? 'none')) &&
      someMatch(filters, 'volume', (value) =>
        mountPoints(room, definition).some(({ Destination, Source, Name }) =>
          [Destination, Source, Name].includes(value),
        ),
      ) &&
      isInside(ranges.publish, ports, ({ PublicPort }) => PublicPort) &&
      isInside(ranges.expose, ports, ({ PrivatePort }) => PrivatePort) &&
      (!filters.has('ancestor') || ancestors.includes(record.imageId)) &&
      (before === undefined || record.createdAt < before) &&
      (since === undefined || record.createdAt > since) &&
      labelsMatch(config.Labels ?? {}, filters.get('label') ?? [])
    )
  }
}
