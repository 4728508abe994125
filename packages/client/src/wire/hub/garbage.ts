import { Type } from '@sinclair/typebox'
import { about, count, moment, type Of } from './schema.ts'

/** What one pass of the garbage collector did. */
const collected = { reviewed: count, collected: count, freedBytes: count, failed: count }

export const GarbagePass = Type.Object(collected)
export type GarbagePass = Of<typeof GarbagePass>

/** What waits, what is next, what the last pass did, and what was freed since the beginning. */
export const GarbageStatus = Type.Object({
  running: Type.Boolean(),
  passes: about('Of this process', count),
  lastPass: Type.Optional(Type.Object({ ...collected, startedAt: moment, endedAt: moment })),
  /** By kind; `bytes` are those that are sure to be freed. */
  queue: Type.Array(
    Type.Object({ kind: Type.String(), waiting: count, due: count, failing: count, bytes: count, next: moment }),
  ),
  next: Type.Array(
    Type.Object({
      kind: Type.String(),
      key: Type.String(),
      reason: Type.String(),
      size: count,
      attempts: count,
      reviewAfter: moment,
    }),
  ),
  totals: Type.Array(
    Type.Object({ kind: Type.String(), reviewed: count, collected: count, freedBytes: count, lastAt: moment }),
  ),
  freedBytes: count,
})
export type GarbageStatus = Of<typeof GarbageStatus>
