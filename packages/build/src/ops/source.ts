import type { DiffId } from '@slipway/core'
import { type Edge, edge, type Op, type Result } from '../graph/vertex.ts'
import type { FileSource } from './file/select.ts'
import { keyOf } from './identity.ts'

const given = (result: Result): Op => ({
  kind: 'source',
  cacheKey: () => (result.kind === 'layers' ? keyOf('layers', result.layers) : undefined),
  run: async () => [result],
})

/** The layers of an image that is here already; none for `scratch`. */
export const imageSource = (name: string, layers: readonly DiffId[]): Edge =>
  edge({ name, op: given({ kind: 'layers', layers }), inputs: [] })

export const scratch: Edge = imageSource('scratch', [])

/** The build context, without what the patterns of its .dockerignore take. */
export const localSource = (source: FileSource, ignore: readonly string[]): Edge =>
  edge({ name: 'context', op: given({ kind: 'files', source, ignore }), inputs: [] })
