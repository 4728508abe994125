import { chainIdOf, type DiffId, SlipwayError } from '@slipway/core'
import { packDifference } from '@slipway/store'
import { type Edge, edge, type Op, type OpContext, type Result } from '../graph/vertex.ts'
import { keyOf } from './identity.ts'
import { unpackLayer, viewLayers } from './layer.ts'

/** The last layer of `stack` once more on `base`: its digest stays. */
const putOn = async (base: readonly DiffId[], stack: readonly DiffId[], context: OpContext) => {
  const { worker, signal, hold } = context
  const { snapshots } = worker
  const expected = stack.at(-1)
  const layers: readonly DiffId[] = [...base, ...stack.slice(-1)]
  const name = chainIdOf(layers)
  const top = chainIdOf(stack)
  hold(layers)
  if (!name || !top || !expected || (await snapshots.stat(name)) !== undefined) return layers
  const tar = { bytes: snapshots.tar(top, { signal }), compression: 'none' } as const
  await using layer = await snapshots.unpack(tar, { expected, signal })
  await layer.commit(name, chainIdOf(base))
  return layers
}

/** The layers of `stack` from number `first` on. */
const putAllOn = async (base: readonly DiffId[], stack: readonly DiffId[], first: number, context: OpContext) => {
  let layers = base
  for (let end = first + 1; end <= stack.length; end += 1) layers = await putOn(layers, stack.slice(0, end), context)
  return layers
}

const mergeOp: Op = {
  kind: 'merge',
  cacheKey: (inputs) => (inputs.includes(undefined) ? undefined : keyOf('merge', inputs)),
  async run([base, upper]: readonly Result[], context) {
    if (base?.kind !== 'layers' || upper?.kind !== 'layers')
      throw new SlipwayError('internal', 'only layers can be merged')
    return [{ kind: 'layers', layers: await putAllOn(base.layers, upper.layers, 0, context) }]
  },
}

/**
 * `upper`, a layer that was made on nothing, on top of `base`: what lies below was never looked at, so the layer stays the
 * same when that changes (BuildKit's MergeOp, `COPY --link`).
 */
export const merge = (base: Edge, upper: Edge): Edge =>
  edge({ name: `merge ${upper.vertex.name}`, op: mergeOp, inputs: [base, upper] })

/** Neither stands on the other: one layer, with what differs between their files. */
const compare = (lower: readonly DiffId[], upper: readonly DiffId[], context: OpContext): Promise<Result> =>
  viewLayers(lower, context.worker, (base) =>
    viewLayers(upper, context.worker, (tree) =>
      unpackLayer([], context, packDifference({ base, tree }, { signal: context.signal })),
    ),
  )

const diffOp: Op = {
  kind: 'diff',
  outputs: [undefined],
  cacheKey: (inputs) => (inputs.includes(undefined) ? undefined : keyOf('diff', inputs)),
  async run([lower, upper]: readonly Result[], context) {
    if (lower?.kind !== 'layers' || upper?.kind !== 'layers')
      throw new SlipwayError('internal', 'only layers can be compared')
    const isBelow = lower.layers.every((layer, index) => layer === upper.layers[index])
    if (!isBelow) return [await compare(lower.layers, upper.layers, context)]
    return [{ kind: 'layers', layers: await putAllOn([], upper.layers, lower.layers.length, context) }]
  },
}

/** What was done to `lower` to get `upper`, on nothing (BuildKit's DiffOp). */
export const diff = (lower: Edge, upper: Edge): Edge =>
  edge({ name: `diff ${upper.vertex.name}`, op: diffOp, inputs: [lower, upper] })
