import type { Database } from '@slipway/core'
import { readGcStatus } from '../gc/status.ts'
import type { Looked } from './metrics.ts'

/** What the garbage collector has before it, and behind it. */
export const gcFigures = (database: Database): readonly Looked[] => [
  {
    name: 'gc_waiting',
    help: 'Entries of the garbage queue.',
    labels: ['kind'],
    look: async () =>
      (await readGcStatus(database)).queue.map(({ kind, waiting }) => ({ labels: { kind }, value: Number(waiting) })),
  },
  {
    name: 'gc_freed_bytes',
    help: 'Bytes that were freed since the beginning.',
    labels: [],
    look: async () => [{ labels: {}, value: Number((await readGcStatus(database)).freedBytes) }],
  },
]
