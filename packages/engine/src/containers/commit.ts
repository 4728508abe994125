import { applyChanges } from '@slipway/build'
import type { ContainerConfig } from '@slipway/client'
import {
  chainIdOf,
  familiarName,
  type HistoryEntry,
  hasCode,
  type ImageConfig,
  invalid,
  parseRepositoryTag,
  type RunConfig,
} from '@slipway/core'
import { commandOf } from './merge-config.ts'
import { pauseContainer, unpauseContainer } from './pause.ts'
import type { ContainerRecord } from './records.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'

export interface CommitOptions {
  readonly repository: string
  readonly tag: string
  readonly message: string
  readonly author: string
  readonly pause: boolean
  /** Dockerfile instructions: `CMD ["x"]`. */
  readonly changes: readonly string[]
  /** Replaces parts of the container's configuration. */
  readonly config: ContainerConfig | undefined
}

/** The diff id of a tar without entries. */
const emptyLayer = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'

/** Of the container's configuration, what an image can carry. */
const imageConfigOf = (config: ContainerConfig): RunConfig => {
  const list = (value: readonly string[] | string | null | undefined): readonly string[] | null =>
    typeof value === 'string' ? [value] : (value ?? null)
  return {
    ...(config.User ? { User: config.User } : {}),
    ...(config.ExposedPorts ? { ExposedPorts: config.ExposedPorts } : {}),
    Env: config.Env ?? [],
    Cmd: list(config.Cmd),
    Entrypoint: list(config.Entrypoint),
    ...(config.Volumes ? { Volumes: config.Volumes } : {}),
    ...(config.WorkingDir ? { WorkingDir: config.WorkingDir } : {}),
    ...(config.Labels ? { Labels: config.Labels } : {}),
    ...(config.StopSignal ? { StopSignal: config.StopSignal } : {}),
    ...(config.Healthcheck ? { Healthcheck: config.Healthcheck as NonNullable<RunConfig['Healthcheck']> } : {}),
    ...(config.Shell ? { Shell: config.Shell } : {}),
  }
}

/**
 * Makes an image of a container: only what it has written, as one more layer on its image's. It is paused meanwhile, unless the
 * caller says otherwise. Returns the image's id.
 */
export const commitContainer = async (
  room: ContainerRoom,
  idOrName: string,
  options: CommitOptions,
): Promise<string> => {
  if (idOrName === '') throw invalid('invalid name or ID supplied: ""')
  const record = room.records.find(idOrName)
  const reference = options.repository ? parseRepositoryTag(options.repository, options.tag) : undefined
  const base = await room.images.get(record.imageId)
  const runConfig = applyChanges(
    { ...imageConfigOf(record.definition.config), ...withoutEmpty(options.config) },
    options.changes,
  )

  await using lease = room.leases.take(`commit ${record.name}`)
  await using layer = await whilePaused(room, record, options.pause, () =>
    room.snapshots.unpack({ bytes: room.snapshots.tar(record.id), compression: 'none' }),
  )
  // What changed nothing adds no layer.
  const added = layer.diffId === emptyLayer ? [] : [layer.diffId]
  const diffIds = [...(base?.config.rootfs.diff_ids ?? []), ...added]
  const chainId = chainIdOf(diffIds)
  if (chainId === undefined) throw invalid('an image without layers can not be committed')
  lease.hold({ kind: 'snapshot', name: chainId })
  if (added.length > 0) await layer.commit(chainId, base?.chainId)
  const config = committedConfig(record, base?.config, {
    runConfig,
    diffIds,
    isEmpty: added.length === 0,
    ...options,
  })
  const image = await room.images.create({ config, ...(base ? { parent: base.id } : {}), lease })
  room.images.publish('create', image.id, image.id)
  if (reference) await room.images.tag(reference, image.id)
  const imageRef = reference === undefined ? '' : familiarName(reference)
  publishContainerEvent(room, record, 'commit', { comment: options.message, imageID: image.id, imageRef })
  return image.id
}

const withoutEmpty = (config: ContainerConfig | undefined): RunConfig =>
  config === undefined
    ? {}
    : (Object.fromEntries(
        Object.entries(imageConfigOf(config)).filter(
          ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
        ),
      ) as RunConfig)

const committedConfig = (
  record: ContainerRecord,
  base: ImageConfig | undefined,
  made: {
    readonly runConfig: RunConfig
    readonly diffIds: ImageConfig['rootfs']['diff_ids']
    readonly isEmpty: boolean
    readonly message: string
    readonly author: string
  },
): ImageConfig => {
  const created = new Date().toISOString()
  const entry: HistoryEntry = {
    created,
    created_by: commandOf(record.definition.config).join(' '),
    ...(made.author ? { author: made.author } : {}),
    ...(made.message ? { comment: made.message } : {}),
    ...(made.isEmpty ? { empty_layer: true } : {}),
  }
  return {
    architecture: base?.architecture ?? 'amd64',
    os: base?.os ?? 'linux',
    ...(base?.variant ? { variant: base.variant } : {}),
    created,
    ...(made.author ? { author: made.author } : {}),
    config: made.runConfig,
    rootfs: { type: 'layers', diff_ids: made.diffIds },
    history: [...(base?.history ?? []), entry],
  }
}

const whilePaused = async <T>(
  room: ContainerRoom,
  { id, state }: ContainerRecord,
  pause: boolean,
  body: () => Promise<T>,
): Promise<T> => {
  const pauses = pause && state.status === 'running' && room.running.has(id)
  if (pauses) await pauseContainer(room, id)
  try {
    return await body()
  } finally {
    if (pauses) {
      await unpauseContainer(room, id).catch((error) => {
        // It was ended, removed or unpaused meanwhile.
        if (!hasCode(error, 'conflict') && !hasCode(error, 'not-found')) throw error
      })
    }
  }
}
