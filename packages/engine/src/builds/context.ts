import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { FileSource } from '@slipway/build'
import type { Bytes } from '@slipway/core'
import { decompressStream } from '@slipway/store'
import { contextsIn } from './worker.ts'

/** A build context on this machine's disk. Disposing removes it. */
export interface Context extends AsyncDisposable {
  readonly source: FileSource
}

/**
 * Keeps what a client sends, a tar that may be compressed, as it is, decompressed once. It is never unpacked: what a
 * COPY takes goes straight from it into the layer.
 */
export const receiveContext = async (tar: Bytes, scratch: string, signal: AbortSignal): Promise<Context> => {
  const directory = await mkdtemp(join(contextsIn(scratch), 'context-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  const path = join(directory, 'context.tar')
  try {
    await pipeline(decompressStream(tar), createWriteStream(path, { mode: 0o600, flags: 'wx' }), { signal })
    return { source: { kind: 'tar', path }, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}
