import type { IgnoreMatcher, PathMatch } from '../../dockerfile/ignore/matcher.ts'
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
 * Everything that a match holds, the match first, names in order, directories before what is in them. Ignored directories
 * that hold something that isn't ignored are there too. `top`: what the match is called for `exclude`, whose patterns are about
 * what is in a directory that is copied; with `--parents` about all that is made.
 */
export function* walkMatch(tree: Tree, match: Match, exclude: IgnoreMatcher, top = ''): Generator<Found> {
  yield { inner: '', node: match.node }
  if (match.node.kind !== 'directory') return
  yield* walkBelow(tree, exclude, {
    inner: '',
    node: match.node,
    relative: match.relative,
    ignored: startAt(tree.ignore, match.relative),
    excluded: startAt(exclude, top),
    excludeAs: top,
  })
}

function* walkBelow(tree: Tree, exclude: IgnoreMatcher, place: Place): Generator<Found> {
  for (const name of place.node.names()) {
    const node = place.node.child(name)
    if (node === undefined) continue
    const join = (base: string): string => (base === '' ? name : `${base}/${name}`)
    const relative = join(place.relative)
    const child: Place = {
      inner: join(place.inner),
      node,
      relative,
      ignored: tree.ignore.match(relative, place.ignored),
      excludeAs: join(place.excludeAs),
      excluded: exclude.match(join(place.excludeAs), place.excluded),
    }
    const hidden = child.ignored?.ignored === true || child.excluded?.ignored === true
    const found: Found = { inner: child.inner, node }
    if (node.kind !== 'directory') {
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
