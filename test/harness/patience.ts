import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until the answer is neither undefined nor false. Throws with `what` after `timeout` milliseconds, which only keep a test
 * from waiting for ever: nothing is measured by them.
 */
export const eventually = async <T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeout = 60_000,
): Promise<T> => {
  const end = performance.now() + timeout
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`waited ${timeout} ms in vain: ${what}`)
    await sleep(50)
  }
}
