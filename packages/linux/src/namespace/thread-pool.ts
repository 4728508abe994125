import { stat } from 'node:fs/promises'

/**
 * Makes libuv's pool threads come into being now. They are all made at first use, by whichever thread asks first, and
 * inherit its namespaces and root directory; so call this once at start in the main thread, before any other thread goes
 * elsewhere.
 */
export const warmThreadPool = async (): Promise<void> => {
  await stat('/')
}
