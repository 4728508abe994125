import { type BigIntStats, readdirSync } from 'node:fs'
import type { IgnoreMatcher, PathMatch } from '../../dockerfile/ignore/matcher.ts'
import { type Match, statOf, type Tree } from './select.ts'

/** A file below a match; the match itself has an empty path. */
export interface Found {
  /** Below the match, without a leading slash. */
  readonly inner: string
  readonly path: string
  readonly stat: BigIntStats
}

interface Place {
  readonly inner: string
  readonly path: string
  /** Below the tree's root, for the patterns. */
  readonly relative: string
  readonly ignored: PathMatch | undefined
  readonly excluded: PathMatch | undefined
}

const startAt = (matcher: IgnoreMatcher, relative: string): PathMatch | undefined => {
  let state: PathMatch | undefined
  const parts = relative === '' ? [] : relative.split('/')
  for (let length = 1; length <= parts.length; length++) state = matcher.match(parts.slice(0, length).join('/'), state)
  return state
}

/**
 * Everything that a match holds, the match first, names in order, directories before what is in them. Ignored directories
 * that hold something that isn't ignored are there too.
 */
export function* walkMatch(tree: Tree, match: Match, exclude: IgnoreMatcher): Generator<Found> {
  yield { inner: '', path: match.path, stat: match.stat }
  if (!match.stat.isDirectory()) return
  yield* walkBelow(tree, exclude, {
    inner: '',
    path: match.path,
    relative: match.relative,
    ignored: startAt(tree.ignore, match.relative),
    excluded: startAt(exclude, match.relative),
  })
}

function* walkBelow(tree: Tree, exclude: IgnoreMatcher, place: Place): Generator<Found> {
  for (const name of readdirSync(place.path).sort()) {
    const join = (base: string): string => (base === '' ? name : `${base}/${name}`)
    const relative = join(place.relative)
    const child: Place = {
      inner: join(place.inner),
      path: `${place.path}/${name}`,
      relative,
      ignored: tree.ignore.match(relative, place.ignored),
      excluded: exclude.match(relative, place.excluded),
    }
    const stat = statOf(child.path)
    if (stat === undefined || stat.isSocket()) continue
    const hidden = child.ignored?.ignored === true || child.excluded?.ignored === true
    const found: Found = { inner: child.inner, path: child.path, stat }
    if (!stat.isDirectory()) {
      if (!hidden) yield found
    } else if (!hidden) {
      yield found
      yield* walkBelow(tree, exclude, child)
    } else if (tree.ignore.hasExceptions || exclude.hasExceptions) {
      yield* withDirectory(found, walkBelow(tree, exclude, child))
    }
  }
}

/** A hidden directory appears only when there is something in it that isn't hidden. */
function* withDirectory(directory: Found, inside: Generator<Found>): Generator<Found> {
  const first = inside.next()
  if (first.done === true) return
  yield directory
  yield first.value
  yield* inside
}
