import { lstatSync, readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { invalid } from '@slipway/core'
import type { HasLinks } from './target/target.ts'

const mostLinks = 255

/**
 * The absolute path, through no symlink, that a process would find at `path` whose root this is: absolute symlinks and `..`
 * stay inside. What isn't there is taken as written.
 */
export const resolveIn = (root: HasLinks, path: string, { followLast = false } = {}): string => {
  const waiting = path.split('/').reverse()
  let found: string[] = []
  let links = 0
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      found.pop()
      continue
    }
    found.push(name)
    const isLast = waiting.every((rest) => rest === '' || rest === '.')
    const target = isLast && !followLast ? undefined : root.linkAt(`/${found.join('/')}`)
    if (target === undefined) continue
    links += 1
    if (links > mostLinks) throw invalid(`too many levels of symbolic links: ${path.slice(0, 1024)}`)
    found = target.startsWith('/') ? [] : found.slice(0, -1)
    waiting.push(...target.split('/').reverse())
  }
  return `/${found.join('/')}`
}

/**
 * The same as a host path, below a directory that is the root. Safe only where nobody else changes the tree at the same
 * time: a step's snapshot between two processes, a build context. Elsewhere use openInRoot().
 */
export const resolveInRoot = (root: string, path: string, options: { readonly followLast?: boolean } = {}): string =>
  posix.join(root, `.${resolveIn({ linkAt: (inside) => linkOf(root + inside) }, path, options)}`)

const linkOf = (path: string): string | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined
  } catch {
    // ENOTDIR: something on the way is no directory.
    return undefined
  }
}
