import type { GarbagePass, GarbageStatus } from '@slipway/client/hub'
import { readGcStatus } from '../gc/status.ts'
import type { Registry } from '../registry.ts'
import type { Asked } from './route.ts'

export const getGc = async (_asked: Asked, { collector, database }: Registry): Promise<GarbageStatus> => ({
  ...collector.state,
  ...(await readGcStatus(database)),
})

/** The answer is what the pass did. */
export const runGc = (_asked: Asked, { collector }: Registry): Promise<GarbagePass> => collector.run()
