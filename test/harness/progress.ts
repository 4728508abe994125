import { isLong } from './place.ts'

/** In milliseconds. */
const pause = 10_000

/**
 * In a long run tells now and then how far a test has come: "… 37 of 200 lives". To be called after each of them. On standard
 * error, which the runner shows at once; what a test found goes into `t.diagnostic()`, which it shows at the end.
 */
export const countTo = (total: number, what: string): (() => void) => {
  let count = 0
  let told = Date.now()
  return () => {
    count += 1
    if (!isLong || Date.now() - told < pause) return
    told = Date.now()
    process.stderr.write(`… ${count} of ${total} ${what}\n`)
  }
}
