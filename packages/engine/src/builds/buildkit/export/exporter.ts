import type { BuildWorker, BuiltTarget } from '@slipway/build'
import type { ClientSession } from '@slipway/buildkit'
import { formatReference, parseReference, type Reference, withDefaultTag } from '@slipway/core'
import type { ImageRoom } from '../../../images/room.ts'
import type { Progress, ProgressStep } from '../progress.ts'

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
export type Exporter = (
  built: BuiltTarget,
  attrs: ReadonlyMap<string, string>,
  parts: ExportParts,
) => Promise<ReadonlyMap<string, string>>

/** The names an image is to have. Throws invalid. */
export const namesOf = (attrs: ReadonlyMap<string, string>): readonly Reference[] =>
  (attrs.get('name') ?? '')
    .split(',')
    .filter(Boolean)
    .map((name) => withDefaultTag(parseReference(name)))

export const showNames = (names: readonly Reference[]): string => names.map(formatReference).join(',')

export const isOn = (attrs: ReadonlyMap<string, string>, name: string): boolean => attrs.get(name) === 'true'

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
