import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type IgnoreMatcher, ignoreMatcher, type PathMatch } from '@slipway/core'

export interface ContextFile {
  /** Relative to the context, with forward slashes. */
  readonly path: string
  readonly absolute: string
  readonly stats: Stats
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

async function* walkBelow(
  root: string,
  matcher: IgnoreMatcher,
  directory: string,
  above?: PathMatch,
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
    const found = matcher.match(file.path, above)
    if (!found.ignored) yield file
    if (file.stats.isDirectory() && (!found.ignored || matcher.mayHoldOthers(file.path))) {
      yield* walkBelow(root, matcher, file.path, found)
    }
  }
}

/**
 * What is not ignored, in a fixed order, each directory before what it holds. Throws invalid for a pattern that means nothing.
 */
export const walkContext = (root: string, ignore: readonly string[]): AsyncIterable<ContextFile> =>
  walkBelow(root, ignoreMatcher(ignore), '')
