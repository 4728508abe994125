import type { ContainerSummary } from '@slipway/client'
import { hexOf, parseReference, withDefaultTag } from '@slipway/core'
import type { Filters } from '../filters.ts'
import { compileFilters } from './filter.ts'
import { endpointSettings, sizesOf } from './inspect.ts'
import { commandOf } from './merge-config.ts'
import { mountPoints } from './mounts/show.ts'
import { portSummaries } from './ports.ts'
import { type ContainerRecord, isUp } from './records.ts'
import type { ContainerRoom } from './room.ts'
import { statusText } from './status-text.ts'

export interface ListOptions {
  readonly all: boolean
  readonly size: boolean
  /** 0: no limit. */
  readonly limit: number
  readonly filters: Filters
}

/** As it was written, unless that name means another image by now, or none. */
const imageName = (room: ContainerRoom, { imageId, definition: { image } }: ContainerRecord): string => {
  if (imageId.startsWith(image) || hexOf(imageId).startsWith(image)) return image
  try {
    return room.images.byReference(withDefaultTag(parseReference(image)))?.id === imageId ? image : imageId
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
