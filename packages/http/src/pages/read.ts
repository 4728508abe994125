import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { hasErrno } from '@slipway/core'

/** One file of the built pages. */
export interface PageFile {
  readonly type: string
  readonly bytes: Buffer
  /** Where compressing it saves something. */
  readonly zipped?: Buffer
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

const compressible = new Set(['.js', '.css', '.svg'])
const compress = promisify(gzip)

const readPage = async (path: string): Promise<PageFile> => {
  const [bytes, extension] = [await readFile(path), extname(path)]
  const type = types[extension] ?? 'application/octet-stream'
  return compressible.has(extension) ? { type, bytes, zipped: await compress(bytes) } : { type, bytes }
}

/**
 * All files below `directory` by their path in the address (`/assets/index-1a2b.js`), in memory: there are few, and a request
 * never reaches the file system. Empty where the pages haven't been built.
 */
export const readPages = async (directory: string): Promise<ReadonlyMap<string, PageFile>> => {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    const pages = files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(directory.length), await readPage(path)] as const
    })
    return new Map(await Promise.all(pages))
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return new Map()
    throw error
  }
}
