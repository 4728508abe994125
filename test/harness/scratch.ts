import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unmountAllBelow } from './mounts.ts'

/** A directory that a test owns. */
export interface Scratch extends AsyncDisposable {
  readonly path: string
}

/**
 * Where everything of one test lies: data roots, sockets, contexts, the client's configuration. On a disk, since /tmp may be
 * memory. Goes with all that is in it and mounted below it.
 */
export const openScratch = async (): Promise<Scratch> => {
  const path = await mkdtemp(join('/var/tmp', 'slipway-test-'))
  return {
    path,
    async [Symbol.asyncDispose]() {
      await unmountAllBelow(path)
      await rm(path, { recursive: true, force: true })
    },
  }
}
