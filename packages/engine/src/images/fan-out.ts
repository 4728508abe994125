import type { Bytes } from '@slipway/core'

type Result = IteratorResult<Uint8Array, undefined>

/** One of two readers. Whoever made it calls `leave()` when it is done with, read or not: the other one waits for it. */
export interface Branch extends AsyncIterable<Uint8Array> {
  leave(): Promise<void>
}

const ended: Result = { done: true, value: undefined }

/**
 * The same bytes for two readers, who go side by side: neither is more than a chunk ahead of the other. What breaks the
 * source breaks both.
 */
export const fanOut = (source: Bytes): readonly [Branch, Branch] => {
  async function* read(): AsyncGenerator<Uint8Array, undefined> {
    yield* source
    return undefined
  }
  const chunks = read()
  const present = new Set([0, 1])
  /** Those who have not finished with the chunk at hand. */
  const using = new Set<number>()
  let atHand: Promise<Result> | undefined
  let advance = Promise.withResolvers<void>()

  const finish = (who: number): void => {
    if (!using.delete(who) || using.size > 0) return
    atHand = undefined
    advance.resolve()
    advance = Promise.withResolvers()
  }
  const take = async (who: number): Promise<Result> => {
    // The other one still works on the chunk that this one has had.
    while (atHand !== undefined && present.has(who) && !using.has(who)) await advance.promise
    if (!present.has(who)) return ended
    if (atHand === undefined) {
      atHand = chunks.next()
      for (const one of present) using.add(one)
    }
    return atHand
  }
  const leave = async (who: number): Promise<void> => {
    present.delete(who)
    finish(who)
    if (present.size === 0) await chunks.return(undefined)
  }
  const branch = (who: number): Branch => ({
    [Symbol.asyncIterator]() {
      let isHolding = false
      return {
        next: () => {
          if (isHolding) finish(who)
          isHolding = true
          return take(who)
        },
        return: async () => {
          await leave(who)
          return ended
        },
      }
    },
    leave: () => leave(who),
  })
  return [branch(0), branch(1)]
}
