import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { hasErrno } from '@slipway/core'

/** Rotated files that are looked for; `max-file` may be anything, but a gap ends the search. */
const mostFiles = 1000

export const openIfThere = async (path: string): Promise<FileHandle | undefined> => {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * One of a log's files, held open: rotation while we read renames it but takes nothing away from us. A compressed one is
 * unpacked, to a file without a name, when it is first read.
 */
export class LogFile implements AsyncDisposable {
  readonly #compressed: { readonly file: FileHandle; readonly scratch: string } | undefined
  #plain: FileHandle | undefined

  private constructor(plain: FileHandle | undefined, compressed?: { file: FileHandle; scratch: string }) {
    this.#plain = plain
    this.#compressed = compressed
  }

  static async open(path: string): Promise<LogFile | undefined> {
    const plain = await openIfThere(path)
    if (plain !== undefined) return new LogFile(plain)
    const file = await openIfThere(`${path}.gz`)
    return file && new LogFile(undefined, { file, scratch: `${path}.${process.pid}.${file.fd}.plain` })
  }

  async plain(): Promise<FileHandle> {
    return this.#plain ?? (await this.#unpack())
  }

  async #unpack(): Promise<FileHandle> {
    if (this.#compressed === undefined) throw new Error('a file that is not compressed is open from the start')
    const { file, scratch } = this.#compressed
    const plain = await open(scratch, 'w+', 0o600)
    await rm(scratch)
    this.#plain = plain
    // By descriptor: a FileHandle is not closed before the streams that it made are.
    const from = createReadStream('', { fd: file.fd, autoClose: false, start: 0 })
    await pipeline(from, createGunzip(), createWriteStream('', { fd: plain.fd, autoClose: false }))
    return plain
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#plain?.close()
    await this.#compressed?.file.close()
  }
}

/** The files of a log, oldest first. */
export const openFiles = async (path: string): Promise<LogFile[]> => {
  const files: LogFile[] = []
  for (let n = 0; n < mostFiles; n += 1) {
    const file = await LogFile.open(n === 0 ? path : `${path}.${n}`)
    if (file === undefined && n > 0) break
    if (file !== undefined) files.unshift(file)
  }
  return files
}
