import { runJob } from '../workers/run.ts'
import type { CompareTars, TarDifferences } from './compare-tars.ts'

/** How two layers differ, by their uncompressed tars, read in a worker. */
export const layerDifferences = (
  tars: CompareTars,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<TarDifferences> => runJob('compareTars', tars, { signal })
