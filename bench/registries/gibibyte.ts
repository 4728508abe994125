import { createHash, type Hash, randomFillSync } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { type Digest, finishDigest } from '@slipway/core'
import { run } from '../run.ts'
import { beginUpload, type Connections } from './push.ts'

const size = 2 ** 30
const piece = 1 << 20
/** What makes a variant, at the end, so that the rest is hashed once. */
const tail = 16

/** A file of 1 GiB that nothing compresses, with a new content whenever one is wanted. */
export interface Gibibyte {
  readonly path: string
  /** Changes the content, and gives its digest. */
  change(): Promise<Digest>
}

const writeMost = async (file: FileHandle): Promise<Hash> => {
  const hash = createHash('sha256')
  const bytes = Buffer.alloc(piece)
  for (let written = 0; written < size; written += piece) {
    const part = randomFillSync(bytes).subarray(0, Math.min(piece, size - tail - written))
    hash.update(part)
    await file.write(part, 0, part.length, written)
  }
  return hash
}

export const openGibibyte = async (path: string): Promise<Gibibyte> => {
  await using file = await open(path, 'w')
  const most = await writeMost(file)
  return {
    path,
    async change() {
      const end = randomFillSync(Buffer.alloc(tail))
      await using changed = await open(path, 'r+')
      await changed.write(end, 0, tail, size - tail)
      return finishDigest(most.copy().update(end))
    },
  }
}

const curl = ['curl', '--silent', '--show-error', '--fail', '--output', '/dev/null']

/** MB/s, of all of it. */
const rateOf = (bytes: string | undefined, took: string | undefined): number => {
  if (Number(bytes) !== size) throw new Error(`${bytes} bytes of ${size} went through`)
  return size / 1e6 / Number(took)
}

/** In MB/s. */
export const download = async (host: string, repository: string, digest: Digest): Promise<number> => {
  const url = `http://${host}/v2/${repository}/blobs/${digest}`
  const report = await run([...curl, '--write-out', '%{size_download} %{time_total}', url])
  return rateOf(...(report.split(' ') as [string, string]))
}

/** In MB/s, until it is acknowledged. */
export const upload = async (to: Connections, repository: string, file: string, digest: Digest): Promise<number> => {
  const { href } = await beginUpload(to, repository, digest)
  const headers = ['--header', 'Content-Type: application/octet-stream', '--header', 'Expect:']
  const report = await run([
    ...[...curl, ...headers, '--write-out', '%{size_upload} %{time_total} %{http_code}'],
    ...['--upload-file', file, href],
  ])
  const [bytes, took, status] = report.split(' ')
  if (status !== '201') throw new Error(`PUT ${href}: ${status}`)
  return rateOf(bytes, took)
}

/** What the disk can do, in MB/s: as much, copied and synced by dd. */
export const copy = async (file: string, target: string): Promise<number> => {
  const begun = performance.now()
  await run(['dd', `if=${file}`, `of=${target}`, 'bs=1M', 'conv=fsync'])
  return rateOf(String(size), String((performance.now() - begun) / 1000))
}
