import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readTar, type TarEntry } from '../tar/read.ts'
import type { JobContext } from '../workers/job.ts'

export interface CompareTars {
  /** Paths of two uncompressed tars. */
  readonly one: string
  readonly other: string
}

export interface TarDifferences {
  /** Of the entries that only one has, or that aren't the same in both. */
  readonly count: number
  /** The first of them. */
  readonly paths: readonly string[]
}

const shownPaths = 5

/** Of everything that an entry says. When a directory was changed is left out: unpacking does that, too. */
const fingerprintOf = async ({ header, body }: TarEntry): Promise<string> => {
  const { name, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs } = header
  const hash = createHash('sha256')
  const time = type === 'directory' ? 0 : mtime
  hash.update(JSON.stringify([type, mode, uid, gid, size, time, devMajor, devMinor, linkname.toString('latin1')]))
  for (const [key, value] of [...xattrs].toSorted(([a], [b]) => (a < b ? -1 : 1))) hash.update(key).update(value)
  hash.update(name)
  for await (const chunk of body) hash.update(chunk)
  return hash.digest('base64')
}

/** A worker's job: how the trees differ that two tars of layers say, whatever the order in which they say it. */
export const compareTars = async ({ one, other }: CompareTars, { signal }: JobContext): Promise<TarDifferences> => {
  const expected = new Map<string, string>()
  for await (const entry of readTar(createReadStream(one, { signal }))) {
    expected.set(entry.header.name.toString('latin1'), await fingerprintOf(entry))
  }
  const differing = new Set<string>()
  for await (const entry of readTar(createReadStream(other, { signal }))) {
    const name = entry.header.name.toString('latin1')
    if (expected.get(name) !== (await fingerprintOf(entry))) differing.add(name)
    expected.delete(name)
  }
  for (const name of expected.keys()) differing.add(name)
  const shown = [...differing].toSorted().slice(0, shownPaths)
  return { count: differing.size, paths: shown.map((name) => `/${Buffer.from(name, 'latin1')}`) }
}
