import { SlipwayError } from '@slipway/core'

/** For what a healthy shim does at once; killing a process that waits for a slow disk may take this long too. */
const patience = 10_000

/** What `waiting` gives, or unavailable when that takes longer than 10 s: a shim that hangs must not hang the daemon. */
export const beforeLong = async <T>(waiting: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SlipwayError('unavailable', "the shim doesn't answer")), patience)
  })
  return Promise.race([waiting, late]).finally(() => clearTimeout(timer))
}
