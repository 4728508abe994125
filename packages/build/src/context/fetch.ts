import { SlipwayError } from '@slipway/core'
import type { Edge, OpContext } from '../graph/vertex.ts'
import type { FileSource } from '../ops/file/select.ts'

/** Files that a source fetched. Disposing removes them. */
export interface FetchedFiles extends AsyncDisposable {
  readonly source: FileSource
  readonly ignore: readonly string[]
}

/** Fetches a source at once: for a context whose Dockerfile has to be read before anything can be planned. */
export const fetchFiles = async (
  { vertex }: Edge,
  { worker, signal }: Pick<OpContext, 'worker' | 'signal'>,
): Promise<FetchedFiles> => {
  await using stack = new AsyncDisposableStack()
  const [result] = await vertex.op.run([], {
    worker,
    signal,
    hold: () => undefined,
    onEnd: (cleanup) => stack.defer(cleanup),
    onRunning: () => undefined,
    onOutput: () => undefined,
  })
  if (result?.kind !== 'files') throw new SlipwayError('internal', `${vertex.name} is no source of files`)
  const kept = stack.move()
  return { source: result.source, ignore: result.ignore, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
