import type { Database } from '@slipway/core'
import { countQueue, listNextOfEach, listTotals } from '../metadata/queue.ts'
import type { Looked } from './metrics.ts'

/** Nobody's requests are to wait for a count: it takes at most so small a part of the time. */
const partOfTime = 1000

/** What `count` gave last, until a thousand times what it took has gone by. */
const counted = <T>(count: () => Promise<T>): (() => Promise<T>) => {
  let value: Promise<T> | undefined
  let until = 0
  return () => {
    const began = performance.now()
    if (value !== undefined && began < until) return value
    until = Number.POSITIVE_INFINITY
    value = count()
    value.then(
      () => {
        const now = performance.now()
        until = now + (now - began) * partOfTime
      },
      () => {
        until = 0
      },
    )
    return value
  }
}

/** What the garbage collector has before it, and behind it. */
export const gcFigures = ({ sql }: Database): readonly Looked[] => {
  const count = counted(() => countQueue(sql))
  return [
    {
      name: 'gc_waiting',
      help: 'Entries of the garbage queue; of a long one, counted some minutes ago.',
      labels: ['kind'],
      look: async () => (await count()).map(({ kind, waiting }) => ({ labels: { kind }, value: Number(waiting) })),
    },
    {
      name: 'gc_overdue_seconds',
      help: 'How long the first entry of the garbage queue has been due.',
      labels: ['kind'],
      look: async () =>
        (await listNextOfEach(sql)).map(({ kind, next }) => ({
          labels: { kind },
          value: next === null ? 0 : Math.max(0, (Date.now() - Date.parse(next)) / 1000),
        })),
    },
    {
      name: 'gc_freed_bytes',
      help: 'Bytes that were freed since the beginning.',
      labels: [],
      look: async () => [{ labels: {}, value: (await listTotals(sql)).reduce((sum, one) => sum + one.freedBytes, 0) }],
    },
  ]
}
