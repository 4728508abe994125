import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type IgnoreMatcher, ignoreMatcher, invalid, mayMatchBelow, messageOf, type PathMatch } from '@slipway/core'
import { type FileType, goModeOf } from '../session/file-mode.ts'
import type { SentStat } from '../session/file-stat.ts'

/** Which of a directory's files the daemon asks for. */
export interface Wanted {
  /** Empty: all. */
  readonly include: readonly string[]
  /** As in a .dockerignore. */
  readonly exclude: readonly string[]
}

const types: readonly (readonly [isType: (stat: BigIntStats) => boolean, type: FileType])[] = [
  [(stat) => stat.isFile(), 'file'],
  [(stat) => stat.isDirectory(), 'directory'],
  [(stat) => stat.isSymbolicLink(), 'symlink'],
  [(stat) => stat.isFIFO(), 'fifo'],
  [(stat) => stat.isCharacterDevice(), 'char'],
  [(stat) => stat.isBlockDevice(), 'block'],
]

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text)

/** As the protocol wants them: in the order of their bytes. That of UTF-16 is another, beyond ASCII. */
const inOrder = (names: string[]): readonly string[] => {
  names.sort()
  if (names.every(isAscii)) return names
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** Whether something below a directory that isn't asked for itself may be. */
const mayHoldWanted = (include: readonly string[], directory: string): boolean =>
  include.some((pattern) => mayMatchBelow(pattern, directory))

interface Above {
  readonly included?: PathMatch | undefined
  readonly excluded?: PathMatch | undefined
  /** Directories on the way that are told as soon as something in them is: they weren't asked for themselves. */
  readonly untold: readonly SentStat[]
}

/** Linux's split of a device number into its two halves. */
const majorOf = (rdev: bigint): number => Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n))
const minorOf = (rdev: bigint): number => Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n))

class Lister {
  readonly #root: string
  readonly #wanted: Wanted
  readonly #include: IgnoreMatcher
  readonly #exclude: IgnoreMatcher
  /** The first path of each file that has several. */
  readonly #linked = new Map<string, string>()
  readonly #told = new Set<SentStat>()

  constructor(root: string, wanted: Wanted) {
    this.#root = root
    this.#wanted = wanted
    this.#include = ignoreMatcher(wanted.include)
    this.#exclude = ignoreMatcher(wanted.exclude)
  }

  /** Synchronous: 30,000 files take 0.1 s this way, and several times that in promises. */
  *below(directory: string, above: Above): Generator<SentStat> {
    for (const name of inOrder(readdirSync(join(this.#root, directory)))) {
      const path = directory === '' ? name : `${directory}/${name}`
      const included = askMatcher('includepatterns', this.#include, path, above.included)
      const excluded = askMatcher('excludepatterns', this.#exclude, path, above.excluded)
      const isWanted = included?.ignored !== false && excluded?.ignored !== true
      const stat = this.#stat(path)
      if (stat === undefined) continue
      if (isWanted) yield* this.#tell(stat, above)
      if (stat.type === 'directory' && this.#isWorthWalking(path, included, excluded)) {
        const untold = isWanted ? [] : [...above.untold, stat.sent]
        yield* this.below(path, { included, excluded, untold })
      }
    }
  }

  #isWorthWalking(path: string, included: PathMatch | undefined, excluded: PathMatch | undefined): boolean {
    if (excluded?.ignored === true && !this.#exclude.mayHoldOthers(path)) return false
    return included?.ignored !== false || mayHoldWanted(this.#wanted.include, path)
  }

  *#tell({ sent, linkKey }: Listed, { untold }: Above): Generator<SentStat> {
    for (const directory of untold) {
      if (this.#told.has(directory)) continue
      this.#told.add(directory)
      yield directory
    }
    const first = linkKey === undefined ? undefined : this.#linked.get(linkKey)
    if (linkKey !== undefined && first === undefined) this.#linked.set(linkKey, sent.path)
    yield first === undefined ? sent : { ...sent, size: 0, linkname: first }
  }

  /** undefined: a socket, which nobody can be sent, or what has gone away meanwhile. */
  #stat(path: string): Listed | undefined {
    const absolute = join(this.#root, path)
    const stat = lstatSync(absolute, { bigint: true, throwIfNoEntry: false })
    const type = stat && types.find(([isType]) => isType(stat))?.[1]
    if (stat === undefined || type === undefined) return undefined
    const isDevice = type === 'char' || type === 'block'
    const sent: SentStat = {
      path,
      mode: goModeOf(type, Number(stat.mode & 0o7777n)),
      // Whose files they are here says nothing about an image.
      uid: 0,
      gid: 0,
      size: type === 'file' ? Number(stat.size) : 0,
      modTime: Number(stat.mtimeNs),
      linkname: type === 'symlink' ? readlinkSync(absolute) : '',
      ...(isDevice ? { devmajor: majorOf(stat.rdev), devminor: minorOf(stat.rdev) } : {}),
    }
    return { sent, type, linkKey: type === 'file' && stat.nlink > 1n ? `${stat.dev}:${stat.ino}` : undefined }
  }
}

/** undefined: there are no patterns. Throws, in the words of BuildKit's clients, for one that is wrong. */
const askMatcher = (kind: string, matcher: IgnoreMatcher, path: string, above?: PathMatch): PathMatch | undefined => {
  if (matcher.isEmpty) return undefined
  try {
    return matcher.match(path, above)
  } catch (error) {
    throw invalid(`failed to match ${kind}: ${messageOf(error)}`, error)
  }
}

interface Listed {
  readonly sent: SentStat
  readonly type: FileType
  readonly linkKey: string | undefined
}

/**
 * What a directory holds of what is wanted, each directory before what is in it, names in the order of their bytes. Symlinks are
 * told, and never followed.
 */
export const listDirectory = (root: string, wanted: Wanted): Generator<SentStat> =>
  new Lister(root, wanted).below('', { untold: [] })
