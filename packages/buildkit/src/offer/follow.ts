import { type Dirent, readdirSync, readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { hasErrno, hasWildcards, matchesWhole, parseFilepathPattern } from '@slipway/core'

/** So many symlinks may lead to one file; more of them go in a circle. */
const mostLinks = 255

/** Below the root, whatever `..` there is in it. */
const inRoot = (path: string): string => posix.join('/', path).slice(1)

/** Nothing that is there is undefined, also where we may not look. */
const ifThere = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EINVAL', 'EACCES', 'ELOOP'].some((code) => hasErrno(error, code))) return undefined
    throw error
  }
}

class Follower {
  readonly #root: string
  readonly resolved = new Set<string>()
  #links = 0

  constructor(root: string) {
    this.#root = root
  }

  /** Adds the path, and what symlinks on the way to it and at its end lead to. */
  add(path: string): void {
    const parts = inRoot(path).split('/')
    let current = ''
    for (const [index, part] of parts.entries()) {
      current = current === '' ? part : `${current}/${part}`
      const targets = this.#targetsOf(current)
      if (targets.length === 0) continue
      if (this.resolved.has(current)) return
      this.resolved.add(current)
      const rest = parts.slice(index + 1)
      for (const target of targets) this.add([target, ...rest].join('/'))
      return
    }
    this.resolved.add(current)
  }

  /** What a symlink leads to, or all symlinks that the last name's wildcards match. */
  #targetsOf(path: string): readonly string[] {
    const name = posix.basename(path)
    if (!hasWildcards(name)) return this.#readLink(path)
    const tokens = parseFilepathPattern(name)
    const directory = posix.dirname(path)
    const entries =
      ifThere<readonly Dirent[]>(() => readdirSync(`${this.#root}/${directory}`, { withFileTypes: true })) ?? []
    return entries
      .filter((entry) => entry.isSymbolicLink() && matchesWhole(tokens, entry.name))
      .flatMap((entry) => this.#readLink(posix.join(directory, entry.name)))
  }

  #readLink(path: string): readonly string[] {
    const link = ifThere(() => readlinkSync(`${this.#root}/${path}`))
    if (link === undefined) return []
    this.#links += 1
    if (this.#links > mostLinks) return []
    return [inRoot(link.startsWith('/') ? link : posix.join(posix.dirname(path), link))]
  }
}

/**
 * The patterns that take these paths of a directory and what their symlinks lead to, all of it inside the directory; what is
 * below another one of them is left out. Empty: everything is taken.
 */
export const followPaths = (root: string, paths: readonly string[]): readonly string[] => {
  const follower = new Follower(root)
  for (const path of paths) follower.add(path)
  const found = [...follower.resolved].sort()
  if (found.some((path) => path === '' || path === '.')) return []
  return found.filter((path) => !found.some((other) => other !== path && path.startsWith(`${other}/`)))
}
