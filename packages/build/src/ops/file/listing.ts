import { hash } from 'node:crypto'

/** What some files hold, a few letters of a digest each, by their paths. A path that ends with a slash stands for all below it. */
export type Listing = Readonly<Record<string, string>>

/** So much of it is kept: in the records that tell which file of a context has changed. */
const mostEntries = 1000
const mostLetters = 64 << 10
/** So much of it is gathered before it is folded for the first time. */
const mostGathered = 20_000
const deepest = 12

const shortDigest = (text: string): string => hash('sha1', text, 'base64url').slice(0, 8)

/** The directory in which a path lies, at most `depth` names deep; a path that isn't as deep stays. */
const folded = (path: string, depth: number): string => {
  const names = path.split('/')
  if (path.endsWith('/') ? names.length - 1 <= depth : names.length <= depth) return path
  return depth === 0 ? '/' : `${names.slice(0, depth).join('/')}/`
}

const fold = (entries: ReadonlyMap<string, string>, depth: number): Map<string, string> => {
  const result = new Map<string, string>()
  for (const [path, value] of entries) {
    const above = folded(path, depth)
    if (above === path && !result.has(path)) result.set(path, value)
    else result.set(above, shortDigest(`${result.get(above) ?? ''}${path} ${value}`))
  }
  return result
}

/** Gathers what files hold. What is too much is told of their directories instead. */
export const gatherListing = () => {
  let entries = new Map<string, string>()
  let depth = deepest
  const lettersOf = (): number => entries.keys().reduce((sum, path) => sum + path.length, 0)
  const foldMore = (): void => {
    depth -= 1
    entries = fold(entries, depth)
  }
  return {
    /** `record` is all of the file that counts. Files come in an order that stays the same. */
    add(path: string, record: string): void {
      const above = folded(path, depth)
      const value = shortDigest(record)
      entries.set(above, above === path ? value : shortDigest(`${entries.get(above) ?? ''}${path} ${value}`))
      if (entries.size > mostGathered) foldMore()
    },
    end(): Listing {
      while (depth > 0 && (entries.size > mostEntries || lettersOf() > mostLetters)) foldMore()
      return Object.fromEntries(entries)
    },
  }
}
