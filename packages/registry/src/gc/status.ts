import type { Database } from '@slipway/core'
import {
  type GcTotal,
  listNext,
  listTotals,
  type NextReview,
  type QueueSummary,
  summarizeQueue,
} from '../metadata/queue.ts'

export interface GcStatus {
  /** By kind: what waits, what is due, what failed and will be tried again, the bytes that are sure to go, the next time. */
  readonly queue: readonly QueueSummary[]
  /** What is looked at next. */
  readonly next: readonly NextReview[]
  /** Since the registry was made. */
  readonly totals: readonly (GcTotal & { readonly lastAt: string })[]
  readonly freedBytes: number
}

const nextShown = 20

export const readGcStatus = async ({ sql }: Database): Promise<GcStatus> => {
  const totals = await listTotals(sql)
  return {
    queue: await summarizeQueue(sql, new Date()),
    next: await listNext(sql, nextShown),
    totals,
    freedBytes: totals.reduce((sum, { freedBytes }) => sum + freedBytes, 0),
  }
}
