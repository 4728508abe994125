import type { BuildWorker, BuiltTarget } from '@slipway/build'
import type { ClientSession } from '@slipway/buildkit'
import { formatReference, parseReference, type Reference, withDefaultTag } from '@slipway/core'
import type { ImageRoom } from '../../../images/room.ts'
import type { Progress, ProgressStep } from '../progress.ts'
import type { FormedImage } from './manifest.ts'

/** One `--output`. */
export interface ExportRequest {
  readonly type: string
  readonly attrs: ReadonlyMap<string, string>
}

export interface ExportParts {
  readonly worker: BuildWorker
  readonly images: ImageRoom
  readonly progress: Progress
  /** Of the client: asked for only by exporters that send it something, or need its credentials. */
  readonly session: () => Promise<ClientSession>
  readonly signal: AbortSignal
  /** Which of the client's outputs it is, from 0. */
  readonly number: number
  /** As the client calls it: one of ours can have several names. */
  readonly type: string
}

/** Hands a result over. Returns what clients are told of it. */
export type Exporter = (built: BuiltTarget, parts: ExportParts) => Promise<ReadonlyMap<string, string>>

/** Reads what is asked for, before anything is built. Throws invalid and unsupported. */
export type ExporterKind = (request: ExportRequest) => Exporter

/** The names an image is to have. Throws invalid. */
export const namesOf = (attrs: ReadonlyMap<string, string>): readonly Reference[] =>
  (attrs.get('name') ?? '')
    .split(',')
    .filter(Boolean)
    .map((name) => withDefaultTag(parseReference(name)))

export const showNames = (names: readonly Reference[]): string => names.map(formatReference).join(',')

/** What clients are told of an image that has a manifest. */
export const answerOf = (
  { id, descriptor }: Pick<FormedImage, 'id' | 'descriptor'>,
  names: readonly Reference[],
): ReadonlyMap<string, string> =>
  new Map([
    ['containerimage.config.digest', id],
    ['containerimage.descriptor', Buffer.from(JSON.stringify(descriptor)).toString('base64')],
    ['containerimage.digest', descriptor.digest],
    ...(names.length === 0 ? [] : [['image.name', showNames(names)] as const]),
  ])

/** Shows work as a step. */
export const asStep = async <T>(
  progress: Progress,
  name: string,
  work: (step: ProgressStep) => Promise<T>,
): Promise<T> => {
  const step = progress.step(name).start()
  try {
    const result = await work(step)
    step.finish()
    return result
  } catch (error) {
    step.finish({ error })
    throw error
  }
}
