import type { BuildWorker, BuiltTarget } from '@slipway/build'
import { familiarName, formatReference, parseReference, SlipwayError, withDefaultTag } from '@slipway/core'
import type { Progress } from './progress.ts'

/** One `--output`. */
export interface ExportRequest {
  readonly type: string
  readonly attrs: ReadonlyMap<string, string>
}

export interface ExportParts {
  readonly worker: BuildWorker
  readonly progress: Progress
  readonly signal: AbortSignal
}

type Exporter = (
  built: BuiltTarget,
  attrs: ReadonlyMap<string, string>,
  parts: ExportParts,
) => Promise<ReadonlyMap<string, string>>

const namesOf = (attrs: ReadonlyMap<string, string>): readonly string[] =>
  (attrs.get('name') ?? '')
    .split(',')
    .filter(Boolean)
    .map((name) => formatReference(withDefaultTag(parseReference(name))))

/** Into the engine's own store: nothing is copied. */
const exportImage: Exporter = async (built, attrs, { worker, progress }) => {
  const step = progress.step('exporting to image').start()
  try {
    const layers = step.part('exporting layers')
    layers.finish()
    const id = await built.save()
    step.part(`writing image ${id}`).finish()
    const names = namesOf(attrs)
    for (const name of names) {
      const part = step.part(`naming to ${name}`)
      await worker.images.tag(familiarName(parseReference(name)), id)
      part.finish()
    }
    step.finish()
    return new Map([
      ['containerimage.config.digest', id],
      ['containerimage.digest', id],
      ...(names.length === 0 ? [] : [['image.name', names.join(',')] as const]),
    ])
  } catch (error) {
    step.finish({ error })
    throw error
  }
}

const exporters: Readonly<Record<string, Exporter>> = {
  moby: exportImage,
  image: exportImage,
}

/** Hands a result to everyone who is to have it. Returns what clients are told: digests and names. */
export const exportResult = async (
  built: BuiltTarget,
  requests: readonly ExportRequest[],
  parts: ExportParts,
): Promise<ReadonlyMap<string, string>> => {
  const answers = new Map<string, string>()
  for (const { type, attrs } of requests) {
    const exporter = Object.hasOwn(exporters, type) ? exporters[type] : undefined
    if (exporter === undefined)
      throw new SlipwayError('unsupported', `exporter ${JSON.stringify(type)} could not be found`)
    for (const [name, value] of await exporter(built, attrs, parts)) answers.set(name, value)
  }
  return answers
}
