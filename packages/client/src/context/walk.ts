import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isIgnored, mayIncludeBelow } from './ignore-file.ts'
import type { IgnorePattern } from './pattern.ts'

export interface ContextFile {
  /** Relative to the context, with forward slashes. */
  readonly path: string
  readonly absolute: string
  readonly stats: Stats
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What is not ignored, in a fixed order, each directory before what it holds. */
export async function* walkContext(
  root: string,
  patterns: readonly IgnorePattern[],
  directory = '',
): AsyncIterable<ContextFile> {
  const names = (await readdir(join(root, directory))).sort(byName)
  const files = await Promise.all(
    names.map(async (name) => {
      const path = directory === '' ? name : `${directory}/${name}`
      const absolute = join(root, path)
      return { path, absolute, stats: await lstat(absolute) }
    }),
  )
  for (const file of files) {
    const ignored = isIgnored(patterns, file.path)
    if (!ignored) yield file
    if (file.stats.isDirectory() && (!ignored || mayIncludeBelow(patterns, file.path))) {
      yield* walkContext(root, patterns, file.path)
    }
  }
}
