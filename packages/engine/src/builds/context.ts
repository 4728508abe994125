import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from '@slipway/core'
import { unpackInto } from '@slipway/store'
import { contextsIn } from './worker.ts'

/** A build context on this machine's disk. Disposing removes it. */
export interface Context extends AsyncDisposable {
  readonly path: string
}

/** Unpacks what a client sends, a tar that may be compressed, into a directory of its own. */
export const receiveContext = async (tar: Bytes, scratch: string, signal: AbortSignal): Promise<Context> => {
  const path = await mkdtemp(join(contextsIn(scratch), 'context-'))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true })
  try {
    await unpackInto(path, '/', tar, { signal })
    return { path, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}
