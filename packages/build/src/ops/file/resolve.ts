import { lstatSync, readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { invalid } from '@slipway/core'

const mostLinks = 255

/**
 * The host path of `path` as a process would find it whose root is `root`: absolute symlinks and `..` stay inside. What
 * isn't there is taken as written. Safe only where nobody else changes the tree at the same time: a step's snapshot
 * between two processes, a build context. Elsewhere use openInRoot().
 */
export const resolveInRoot = (root: string, path: string, { followLast = false } = {}): string => {
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
    const here = posix.join(root, ...found)
    if ((isLast && !followLast) || !isSymlink(here)) continue
    links += 1
    if (links > mostLinks) throw invalid(`too many levels of symbolic links: ${path.slice(0, 1024)}`)
    const target = readlinkSync(here)
    found = target.startsWith('/') ? [] : found.slice(0, -1)
    waiting.push(...target.split('/').reverse())
  }
  return posix.join(root, ...found)
}

const isSymlink = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
  } catch {
    // ENOTDIR: something on the way is no directory.
    return false
  }
}
