import { chainIdOf, type DiffId, SlipwayError } from '@slipway/core'
import { type Edge, edge, type Op, type OpContext, type Result } from '../graph/vertex.ts'
import { keyOf } from './identity.ts'

/** The layer `top`, which stands on nothing, once more on `base`: its digest stays. */
const putOn = async (base: readonly DiffId[], top: DiffId, context: OpContext): Promise<readonly DiffId[]> => {
  const { worker, signal, hold } = context
  const { snapshots } = worker
  const layers = [...base, top]
  const name = chainIdOf(layers)
  const alone = chainIdOf([top])
  hold(layers)
  if (name === undefined || alone === undefined || (await snapshots.stat(name)) !== undefined) return layers
  const tar = { bytes: snapshots.tar(alone, { signal }), compression: 'none' } as const
  await using layer = await snapshots.unpack(tar, { expected: top, signal })
  await layer.commit(name, chainIdOf(base))
  return layers
}

const mergeOp: Op = {
  kind: 'merge',
  cacheKey: (inputs) => (inputs.includes(undefined) ? undefined : keyOf('merge', inputs)),
  async run([base, upper]: readonly Result[], context) {
    if (base?.kind !== 'layers' || upper?.kind !== 'layers')
      throw new SlipwayError('internal', 'only layers can be merged')
    let layers = base.layers
    for (const layer of upper.layers) layers = await putOn(layers, layer, context)
    return [{ kind: 'layers', layers }]
  },
}

/**
 * `upper`, a layer that was made on nothing, on top of `base`: what lies below was never looked at, so the layer stays the
 * same when that changes (BuildKit's MergeOp, `COPY --link`).
 */
export const merge = (base: Edge, upper: Edge): Edge =>
  edge({ name: `merge ${upper.vertex.name}`, op: mergeOp, inputs: [base, upper] })
