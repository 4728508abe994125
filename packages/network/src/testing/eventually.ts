import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds that a busy machine is given. */
const patience = 30_000

/** Waits until it is so. */
export const eventually = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
  for (const end = performance.now() + patience; !(await isSo()); await sleep(20)) {
    assert.ok(performance.now() < end, what)
  }
}
