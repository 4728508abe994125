import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainId, chainIdOf, type DiffId, hasErrno, type Mount, SlipwayError } from '@slipway/core'
import { type Edge, edge, type Op, type OpContext, type Result } from '../graph/vertex.ts'
import { runInThread } from './file/pool.ts'
import { keyOf } from './identity.ts'
import { writableIn } from './layer.ts'

const mustHave = (path: string | undefined): string => {
  if (path === undefined) throw new SlipwayError('internal', 'a layer has no directory of its own')
  return path
}

/** The directory of a layer that stands on nothing, by the mounts of a view of it. */
const readableIn = ([mount]: readonly Mount[]): string | undefined => {
  const lower = 'lowerdir='
  const lowers = mount?.options.find((option) => option.startsWith(lower))?.slice(lower.length)
  return lowers?.split(':')[0] ?? mount?.source
}

/** The layer `top`, which stands on nothing, once more on `base`: its files are linked, its digest stays. */
const putOn = async (base: readonly DiffId[], top: DiffId, context: OpContext): Promise<readonly DiffId[]> => {
  const { worker, signal, hold } = context
  const { snapshots } = worker
  const layers = [...base, top]
  const name = chainIdOf(layers)
  const alone = chainIdOf([top])
  hold(layers)
  if (name === undefined || alone === undefined || (await snapshots.stat(name)) !== undefined) return layers
  const id = randomBytes(32).toString('hex')
  const [from, to] = [`${id}-from`, `${id}-to`]
  // Says to `removeLeftovers()` whose the snapshots are.
  const directory = join(worker.scratch, 'steps', id)
  await mkdir(directory, { recursive: true })
  try {
    const source = mustHave(readableIn(await snapshots.view(from, alone)))
    const target = mustHave(writableIn(await snapshots.prepare(to, chainIdOf(base)), base))
    try {
      await runInThread({ kind: 'link', from: source, to: target }, signal)
    } catch (error) {
      if (!hasErrno(error, 'EXDEV')) throw error
      // Its files lie in an image, and can't have names elsewhere.
      await unpackAgain(context, alone, { name, base: chainIdOf(base), file: join(directory, 'layer') })
      return layers
    }
    await snapshots.commit(to, name)
    return layers
  } finally {
    await snapshots.remove(from)
    await snapshots.remove(to)
    await rm(directory, { recursive: true, force: true })
  }
}

interface Copy {
  readonly name: ChainId
  readonly base: ChainId | undefined
  /** A path for the layer's tar, until it is unpacked. */
  readonly file: string
}

const unpackAgain = async ({ worker, signal }: OpContext, layer: ChainId, { name, base, file }: Copy) => {
  await worker.snapshots.diff(layer, { to: file, signal })
  await worker.snapshots.apply({ path: file, compression: 'none' }, name, base, { signal })
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
