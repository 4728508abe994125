import type { IgnoreMatcher, PathMatch } from '@slipway/core'
import type { Match, Tree } from './select.ts'
import type { Node } from './tree/node.ts'

/** A file below a match; the match itself has an empty path. */
export interface Found {
  /** Below the match, without a leading slash. */
  readonly inner: string
  readonly node: Node
}

interface Place {
  readonly inner: string
  readonly node: Node
  /** Below the tree's root, for the patterns. */
  readonly relative: string
  readonly ignored: PathMatch | undefined
  readonly excluded: PathMatch | undefined
  /** Its path for the patterns of `--exclude`. */
  readonly excludeAs: string
}

const startAt = (matcher: IgnoreMatcher, relative: string): PathMatch | undefined => {
  let state: PathMatch | undefined
  const parts = relative === '' ? [] : relative.split('/')
  for (let length = 1; length <= parts.length; length++) state = matcher.match(parts.slice(0, length).join('/'), state)
  return state
}

/**
 * Shows everything that a match holds, the match first, names in order, directories before what is in them. Ignored directories
 * that hold something that isn't ignored are there too. `top`: what the match is called for `exclude`, whose patterns are about
 * what is in a directory that is copied; with `--parents` about all that is made.
 */
export const walkMatch = (tree: Tree, match: Match, { exclude, top = '' }: WalkOptions, visit: Visit): void => {
  visit({ inner: '', node: match.node })
  if (match.node.kind !== 'directory') return
  const walker = new Walker(tree, exclude)
  walker.below(
    {
      inner: '',
      node: match.node,
      relative: match.path,
      ignored: startAt(tree.ignore, match.path),
      excluded: startAt(exclude, top),
      excludeAs: top,
    },
    visit,
  )
}

export interface WalkOptions {
  readonly exclude: IgnoreMatcher
  readonly top?: string
}

export type Visit = (found: Found) => void

const joined = (base: string, name: string): string => (base === '' ? name : `${base}/${name}`)

class Walker {
  readonly #ignore: IgnoreMatcher
  readonly #exclude: IgnoreMatcher
  /** Nothing is left out: most contexts come without what .dockerignore has. */
  readonly #takesAll: boolean

  constructor({ ignore }: Tree, exclude: IgnoreMatcher) {
    this.#ignore = ignore
    this.#exclude = exclude
    this.#takesAll = ignore.isEmpty && exclude.isEmpty
  }

  below(place: Place, visit: Visit): void {
    if (this.#takesAll) this.#allBelow(place, visit)
    else this.#takenBelow(place, visit)
  }

  #allBelow({ inner: above, node: directory }: Found, visit: Visit): void {
    for (const name of directory.names()) {
      const node = directory.child(name)
      if (node === undefined) continue
      const found = { inner: joined(above, name), node }
      visit(found)
      if (node.kind === 'directory') this.#allBelow(found, visit)
    }
  }

  #takenBelow(place: Place, visit: Visit): void {
    for (const name of place.node.names()) {
      const node = place.node.child(name)
      if (node === undefined) continue
      const relative = joined(place.relative, name)
      const excludeAs = joined(place.excludeAs, name)
      const child: Place = {
        inner: joined(place.inner, name),
        node,
        relative,
        ignored: this.#ignore.match(relative, place.ignored),
        excludeAs,
        excluded: this.#exclude.match(excludeAs, place.excluded),
      }
      const hidden = child.ignored?.ignored === true || child.excluded?.ignored === true
      if (!hidden) visit({ inner: child.inner, node })
      if (node.kind !== 'directory') continue
      if (!hidden) this.#takenBelow(child, visit)
      else if (this.#ignore.hasExceptions || this.#exclude.hasExceptions)
        this.#takenBelow(child, withDirectory(child, visit))
    }
  }
}

/** A hidden directory appears only when there is something in it that isn't hidden. */
const withDirectory = ({ inner, node }: Found, visit: Visit): Visit => {
  let isTold = false
  return (found) => {
    if (!isTold) visit({ inner, node })
    isTold = true
    visit(found)
  }
}
