import type { DiffId } from '@slipway/core'
import { type Edge, edge, type Op, type Result } from '../graph/vertex.ts'
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

/** The build context: a directory that was unpacked before, and the patterns of its .dockerignore. */
export const localSource = (path: string, ignore: readonly string[]): Edge =>
  edge({ name: 'context', op: given({ kind: 'directory', path, ignore }), inputs: [] })
