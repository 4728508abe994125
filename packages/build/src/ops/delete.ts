import { SlipwayError } from '@slipway/core'
import { type Edge, edge, type Op } from '../graph/vertex.ts'
import type { DeleteJob } from './file/delete.ts'
import { runInThread } from './file/pool.ts'
import { keyOf, markOf } from './identity.ts'
import { makeLayer } from './layer.ts'

export type Deletion = Pick<DeleteJob, 'path' | 'wildcards' | 'maybe'>

const deleteOp = (deletion: Deletion): Op => ({
  kind: 'file',
  cacheKey: (inputs) => (inputs.includes(undefined) ? undefined : keyOf('delete', deletion, inputs)),
  parts: () => ({ instruction: markOf(deletion) }),
  async run([base], context) {
    if (base?.kind !== 'layers') throw new SlipwayError('internal', 'there is no file system to change')
    const result = await makeLayer(base.layers, context, {}, async ({ rootfs: root }) => {
      await runInThread({ kind: 'delete', root, ...deletion }, context.signal)
    })
    return [result]
  },
})

/** Takes files away; a Dockerfile has no word for it. */
export const deletePaths = (root: Edge, deletion: Deletion): Edge =>
  edge({ name: `rm ${deletion.path}`, op: deleteOp(deletion), inputs: [root] })
