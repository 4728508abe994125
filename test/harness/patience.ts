import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until the answer is neither undefined nor false. Throws with `what` after `timeout` milliseconds. */
export const eventually = async <T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeout = 15_000,
): Promise<T> => {
  const end = performance.now() + timeout
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`waited ${timeout} ms in vain: ${what}`)
    await sleep(50)
  }
}
