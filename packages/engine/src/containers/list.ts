import type { ContainerSummary } from '@slipway/client'
import { invalid, parseReference, withDefaultTag } from '@slipway/core'
import { type Filters, labelsMatch, someMatch } from '../filters.ts'
import { endpointSettings, sizesOf } from './inspect.ts'
import { commandOf } from './merge-config.ts'
import { mountPoints } from './mounts/show.ts'
import { portSummaries } from './ports.ts'
import { type ContainerRecord, isUp } from './records.ts'
import type { ContainerRoom } from './room.ts'
import { statusText } from './status-text.ts'

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

export interface ListOptions {
  readonly all: boolean
  readonly size: boolean
  /** 0: no limit. */
  readonly limit: number
  readonly filters: Filters
}

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

/** A test for one container out of all the filters that were given. */
const compileFilters = async (room: ContainerRoom, filters: Filters): Promise<(record: ContainerRecord) => boolean> => {
  for (const status of filters.get('status') ?? []) {
    if (!statuses.includes(status)) throw invalid(`invalid filter 'status=${status.slice(0, 80)}'`)
  }
  for (const health of filters.get('health') ?? []) {
    if (!healths.includes(health)) throw invalid(`invalid filter 'health=${health.slice(0, 80)}'`)
  }
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
      someMatch(filters, 'exited', (value) => state.status === 'exited' && state.exitCode === Number(value)) &&
      someMatch(filters, 'network', (value) => value in definition.endpoints) &&
      someMatch(filters, 'health', (value) => value === (state.health?.Status ?? 'none')) &&
      someMatch(filters, 'volume', (value) =>
        mountPoints(room, definition).some(({ Destination, Source, Name }) =>
          [Destination, Source, Name].includes(value),
        ),
      ) &&
      someMatch(filters, 'publish', (value) =>
        ports.some(
          ({ PublicPort, Type }) => `${PublicPort}/${Type}` === (value.includes('/') ? value : `${value}/tcp`),
        ),
      ) &&
      someMatch(filters, 'expose', (value) =>
        ports.some(
          ({ PrivatePort, Type }) => `${PrivatePort}/${Type}` === (value.includes('/') ? value : `${value}/tcp`),
        ),
      ) &&
      (!filters.has('ancestor') || ancestors.includes(record.imageId)) &&
      (before === undefined || record.createdAt < before) &&
      (since === undefined || record.createdAt > since) &&
      labelsMatch(config.Labels ?? {}, filters.get('label') ?? [])
    )
  }
}

/** As it was written, unless that name means another image by now. */
const imageName = (room: ContainerRoom, record: ContainerRecord): string => {
  const { image } = record.definition
  try {
    const now = room.images.byReference(withDefaultTag(parseReference(image)))
    return now === undefined || now.id === record.imageId ? image : record.imageId
  } catch {
    return image
  }
}

/** Quoted as dockerd quotes it: words with spaces or quotes in single quotes. */
const commandText = (record: ContainerRecord): string =>
  commandOf(record.definition.config)
    .map((word) => (/[\s'"]/.test(word) ? `'${word.replaceAll("'", `'"'"'`)}'` : word))
    .join(' ')

/** `GET /containers/json`, newest first. */
export const listContainers = async (
  room: ContainerRoom,
  { all, size, limit, filters }: ListOptions,
): Promise<readonly ContainerSummary[]> => {
  const matches = await compileFilters(room, filters)
  const everyState = all || limit > 0 || filters.has('status') || filters.has('exited')
  const found = room.records
    .all()
    .filter((record) => (everyState || isUp(record)) && matches(record))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .slice(0, limit > 0 ? limit : undefined)
  return Promise.all(
    found.map(async (record): Promise<ContainerSummary> => {
      const { definition, state } = record
      const { config, hostConfig } = definition
      return {
        Id: record.id,
        Names: [`/${record.name}`],
        Image: imageName(room, record),
        ImageID: record.imageId,
        Command: commandText(record),
        Created: Math.floor(Date.parse(record.createdAt) / 1000),
        Ports: portSummaries(isUp(record) ? config.ExposedPorts : {}, isUp(record) ? state.ports : []),
        ...(size ? await sizesOf(room, record) : {}),
        Labels: config.Labels ?? {},
        State: state.status,
        Status: statusText(record),
        HostConfig: { NetworkMode: hostConfig.NetworkMode ?? 'bridge' },
        NetworkSettings: { Networks: endpointSettings(room, record) },
        Mounts: mountPoints(room, definition),
      }
    }),
  )
}
