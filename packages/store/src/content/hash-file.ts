import { writeFile } from 'node:fs/promises'
import type { Bytes, Compression } from '@slipway/core'
import type { CompressOptions } from '../compress/compress.ts'
import { type RunOptions, runJob } from '../workers/run.ts'
import type { Hashed } from './append.ts'

interface Stoppable {
  readonly signal?: AbortSignal | undefined
}

/** Writes a new file in a worker, and tells what it holds. It has reached the disk then, and what is large only that. */
export const writeHashed = async (path: string, bytes: Bytes, { signal }: Stoppable = {}): Promise<Hashed> => {
  await writeFile(path, '', { flag: 'wx' })
  return runJob('appendBlob', { path, length: 0, isDirect: true }, { source: bytes, signal })
}

/** The digest of a file, read in a worker. */
export const hashFile = (path: string, { signal }: Stoppable = {}): Promise<Hashed> =>
  runJob('hashBlob', { path, algorithm: 'sha256' }, { signal })

export interface CompressFileOptions extends RunOptions, CompressOptions {
  /** What the file is compressed with already; default: nothing. */
  readonly from?: Compression
}

/**
 * Writes a new file with what another one holds, compressed, in a worker. It has not reached the disk yet. `onBytes` is as
 * in `DiffOptions`.
 */
export const compressFile = (
  path: string,
  to: string,
  compression: Compression,
  { from = 'none', level, ...options }: CompressFileOptions = {},
) =>
  runJob(
    'compressBlob',
    { path, to, compression, from, isShared: options.onBytes !== undefined, ...(level === undefined ? {} : { level }) },
    options,
  )
