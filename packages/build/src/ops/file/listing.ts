import { crc32 } from 'node:zlib'

/**
 * What some files hold, a few letters of a checksum each, by their paths. A path that ends with a slash stands for all below it.
 */
export type Listing = Readonly<Record<string, string>>

/** So much of it is kept: in the records that tell which file of a context has changed. */
const mostEntries = 1000
const mostLetters = 64 << 10
const deepest = 12

/** The directory in which a path lies, at most `depth` names deep; a path that isn't as deep stays. */
const folded = (path: string, depth: number): string => {
  if (depth === 0) return '/'
  let slash = -1
  for (let names = 0; names < depth; names += 1) {
    slash = path.indexOf('/', slash + 1)
    if (slash === -1) return path
  }
  return path.slice(0, slash + 1)
}

/** By path, a checksum: enough to tell that something changed, and nothing rests on it. */
type Entries = Map<string, number>

/** Puts what a path holds, or a part of it, to what is known of it. */
const put = (entries: Entries, path: string, shown: string, value: number): void => {
  if (shown === path) entries.set(path, value)
  else entries.set(shown, crc32(`${path} ${value}`, entries.get(shown) ?? 0))
}

const fold = (entries: Entries, depth: number): Entries => {
  const result: Entries = new Map()
  for (const [path, value] of entries) put(result, path, folded(path, depth), value)
  return result
}

const lettersOf = (entries: Entries): number => {
  let letters = 0
  for (const path of entries.keys()) letters += path.length
  return letters
}

/** Gathers what files hold. What is too much is told of their directories instead. */
export const gatherListing = () => {
  let entries: Entries = new Map()
  let depth = deepest
  const foldMore = (): void => {
    depth -= 1
    entries = fold(entries, depth)
  }
  return {
    /** `record` is all of the file that counts. Files come in an order that stays the same. */
    add(path: string, record: string): void {
      put(entries, path, folded(path, depth), crc32(record))
      while (entries.size > mostEntries) foldMore()
    },
    end(): Listing {
      while (depth > 0 && lettersOf(entries) > mostLetters) foldMore()
      return Object.fromEntries([...entries].map(([path, value]) => [path, value.toString(36)]))
    },
  }
}
