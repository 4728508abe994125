import { closeSync, constants, ftruncateSync, linkSync, openSync, type Stats, symlinkSync, writeSync } from 'node:fs'
import { conflict, hasErrno, invalid } from '@slipway/core'
import { deviceNumber, mknod } from '@slipway/linux'
import type { TarHeader, TarType } from '../tar/header.ts'
import type { TarSink } from '../tar/parse.ts'
import {
  type AttributeRules,
  attributeRules,
  beginDirectory,
  dropXattrs,
  finishDirectory,
  finishFile,
  finishNode,
  finishSymlink,
  type LateAttributes,
  permissions,
} from './attributes.ts'
import { Directories, makeDirectory, statIn } from './directories.ts'
import {
  cleanName,
  inDirectory,
  joinNames,
  ofDescriptor,
  type RawName,
  splitLast,
  toPath,
  toText,
} from './file-name.ts'
import { Whiteouts } from './merge.ts'
import { removeEntry } from './remove-tree.ts'
import { isWhiteout, markOpaque, readWhiteout } from './whiteout.ts'

/**
 * What whiteouts become: overlayfs's own marks, for a directory that will be a lower layer; removals, for one that holds
 * the layers below already; or nothing special, for tars that are no layers.
 */
export type WhiteoutForm = 'overlay' | 'merged' | 'plain'

export interface TreeRules {
  readonly whiteouts: WhiteoutForm
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** A directory never replaces something else, nor the other way round. */
  readonly keepKinds?: boolean
}

/** Where an entry goes: a name in an open directory. */
interface Place {
  readonly fd: number
  readonly name: RawName
  readonly path: RawName
}

const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const kinds: Readonly<Partial<Record<TarType, number>>> = {
  char: constants.S_IFCHR,
  block: constants.S_IFBLK,
  fifo: constants.S_IFIFO,
}

/** Names the entry in whatever went wrong with it. */
const naming = (header: TarHeader, error: unknown): unknown => {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  const bad = [
    'ENAMETOOLONG',
    'ENOTDIR',
    'ELOOP',
    'EINVAL',
    'ERR_INVALID_ARG_VALUE',
    'EISDIR',
    'EMLINK',
    'EXDEV',
    'EFBIG',
  ]
  const message = `failed to unpack ${JSON.stringify(header.name.toString())}: ${(error as Error).message}`
  if (code !== undefined && bad.includes(code)) return invalid(message, error)
  if (error instanceof Error && code !== undefined && 'syscall' in error) error.message = message
  return error
}

/**
 * Makes what a tar says, below a root that nothing leaves: parents are looked up by openat2 with the root as `/`, the last
 * name of an entry is never followed, and files are written and given their attributes by descriptor. Holds also while
 * a container changes the same tree.
 */
export class TreeWriter implements TarSink, Disposable {
  readonly #root: string
  readonly #base: RawName
  readonly #rules: TreeRules
  readonly #directories: Directories
  readonly #whiteouts: Whiteouts | undefined
  readonly #giving: AttributeRules
  /** Directories get their modes and times last: what is unpacked into them would change the times, and need the modes. */
  readonly #late = new Map<RawName, LateAttributes>()
  /** Directories that were made because something is in them. */
  readonly #implied = new Set<RawName>([''])
  #file:
    | { readonly fd: number; readonly place: Place; readonly header: TarHeader; position: number; endsInHole: boolean }
    | undefined

  /** `base` is the directory below `root` that the entries' names start from. */
  constructor(root: string, rules: TreeRules, base: RawName = '') {
    this.#root = root
    this.#base = base
    this.#rules = rules
    // In a fresh layer nothing is setgid before the end, so what root makes is root's: one call less for most files.
    this.#giving = attributeRules({ owner: rules.owner, isFresh: rules.whiteouts === 'overlay' })
    this.#directories = new Directories(root, (fd, name, path) => this.#makeMissing({ fd, name, path }))
    if (rules.whiteouts === 'merged') this.#whiteouts = new Whiteouts(this.#directories)
  }

  entry(header: TarHeader): void {
    try {
      this.#unpack(header)
    } catch (error) {
      throw naming(header, error)
    }
  }

  data(bytes: Buffer): void {
    const file = this.#file
    if (file === undefined) return
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(file.fd, bytes, at, undefined, file.position)
      at += written
      file.position += written
    }
    file.endsInHole = false
  }

  /** Nothing is written; the file gets its length at its end. */
  hole(length: number): void {
    if (this.#file === undefined) return
    this.#file.position += length
    this.#file.endsInHole = true
  }

  end(): void {
    const file = this.#file
    if (file === undefined) return
    this.#file = undefined
    const { fd, place, header, endsInHole } = file
    try {
      if (endsInHole) ftruncateSync(fd, header.size)
      finishFile(fd, inDirectory(place.fd, place.name), header, this.#giving)
    } catch (error) {
      throw naming(header, error)
    } finally {
      closeSync(fd)
    }
  }

  /** The directory that the entries' names start from, if it isn't there. */
  makeBase(): void {
    this.#directories.make(this.#base)
  }

  /** After the last entry. Returns the directories that the tar has things in, and said nothing of. */
  finish(): readonly RawName[] {
    this.#directories.forget()
    // Deepest first, so that a directory without permissions doesn't stand in the way of what is in it.
    const paths = [...this.#late.keys()].sort((one, other) => other.length - one.length)
    for (const path of paths) finishDirectory(this.#root, path, this.#late.get(path) as LateAttributes)
    this.#late.clear()
    return [...this.#implied]
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file.fd)
    this.#directories[Symbol.dispose]()
  }

  #unpack(header: TarHeader): void {
    const clean = cleanName(header.name.toString('latin1'))
    if (clean === undefined) throw this.#breakout(header.name)
    const path = this.#base === '' ? clean : joinNames(this.#base, clean).replace(/\/$/, '')
    if (clean === '') {
      if (header.type !== 'directory') throw invalid(`invalid tar entry: ${header.type} in place of the root`)
      this.#takeAttributes({ fd: this.#directories.make(path), name: '.', path }, header)
      return
    }
    const { parent, name } = splitLast(path)
    const whiteout = this.#rules.whiteouts === 'plain' ? undefined : readWhiteout(name)
    if (whiteout !== undefined) {
      if (whiteout.kind === 'opaque') this.#makeOpaque(parent)
      if (whiteout.kind === 'file') this.#makeWhiteout(parent, whiteout.name)
      return
    }
    const place = { fd: this.#directories.make(parent), name, path }
    this.#makers[header.type](place, header)
    this.#whiteouts?.unpacked(path)
  }

  readonly #makers: Readonly<Record<TarType, (place: Place, header: TarHeader) => void>> = {
    directory: (place, header) => {
      if (!makeDirectory(place.fd, place.name)) this.#reuseOrReplace(place)
      if (this.#rules.whiteouts !== 'plain') dropXattrs(inDirectory(place.fd, place.name), header)
      this.#takeAttributes(place, header)
    },
    file: (place, header) => {
      const mode = header.mode & permissions
      const fd = this.#replacing(place, () => openSync(inDirectory(place.fd, place.name), create, mode))
      this.#file = { fd, place, header, position: 0, endsInHole: false }
    },
    symlink: (place, header) => {
      const target = toPath(header.linkname.toString('latin1'))
      const path = inDirectory(place.fd, place.name)
      this.#replacing(place, () => symlinkSync(target, path))
      finishSymlink(path, header, this.#giving)
    },
    hardlink: (place, header) => {
      const clean = cleanName(header.linkname.toString('latin1'))
      if (clean === undefined || clean === '') throw this.#breakout(header.linkname)
      const { parent, name } = splitLast(joinNames(this.#base, clean))
      const target = this.#directories.find(parent)
      const there = target === undefined ? undefined : statIn(target, name)
      const isGone = there === undefined || (this.#rules.whiteouts === 'overlay' && isWhiteout(there))
      if (isGone || there.isDirectory()) {
        throw invalid(`invalid hardlink ${JSON.stringify(header.name.toString())} -> ${JSON.stringify(toText(clean))}`)
      }
      // A link to itself is there already; replacing would lose it.
      if (target === place.fd && name === place.name) return
      this.#replacing(place, () => {
        const from = inDirectory(this.#directories.make(parent), name)
        const to = inDirectory(this.#directories.make(splitLast(place.path).parent), place.name)
        linkSync(from, to)
      })
    },
    char: (place, header) => this.#makeNode(place, header),
    block: (place, header) => this.#makeNode(place, header),
    fifo: (place, header) => this.#makeNode(place, header),
  }

  #breakout(name: Buffer): Error {
    return invalid(
      `${JSON.stringify(name.toString())} is outside of ${JSON.stringify(this.#base === '' ? '/' : `/${toText(this.#base)}`)}`,
    )
  }

  /** What stands at the place gives way. */
  #replacing<Result>(place: Place, make: () => Result): Result {
    try {
      return make()
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error
    }
    const there = statIn(place.fd, place.name)
    if (there?.isDirectory() && this.#rules.keepKinds) {
      throw conflict(`cannot overwrite directory "/${toText(place.path)}" with non-directory`)
    }
    this.#remove(place, there)
    return make()
  }

  #remove(place: Place, there: Stats | undefined): void {
    removeEntry(place.fd, place.name)
    if (there?.isDirectory()) this.#forgetImplied(place.path)
    if (there?.isDirectory() || there?.isSymbolicLink()) {
      this.#whiteouts?.replaced(place.path)
      this.#directories.forget()
    }
  }

  #forgetImplied(path: RawName): void {
    for (const each of this.#implied) if (each === path || each.startsWith(`${path}/`)) this.#implied.delete(each)
  }

  /** A directory is to be where something is: a directory stays, with all that is in it. */
  #reuseOrReplace(place: Place): void {
    const there = statIn(place.fd, place.name)
    if (there === undefined || there.isDirectory()) return
    if (this.#rules.keepKinds) {
      throw conflict(`cannot overwrite non-directory "/${toText(place.path)}" with directory`)
    }
    this.#remove(place, there)
    makeDirectory(place.fd, place.name)
    // What was a whiteout hid a directory of the layers below: the new one must not let it show through.
    if (this.#rules.whiteouts === 'overlay' && isWhiteout(there)) markOpaque(inDirectory(place.fd, place.name))
  }

  /** A parent that the tar doesn't mention, or hasn't yet: root's, 0755. */
  #makeMissing(place: Place): void {
    if (!makeDirectory(place.fd, place.name)) {
      const there = statIn(place.fd, place.name)
      const hides = this.#rules.whiteouts === 'overlay' && there !== undefined && isWhiteout(there)
      // A file, or a symlink to nowhere: nothing can be in it.
      if (!hides) throw invalid(`not a directory: ${toText(place.path)}`)
      this.#reuseOrReplace(place)
    }
    this.#implied.add(place.path)
  }

  #makeNode(place: Place, header: TarHeader): void {
    const mode = (kinds[header.type] ?? 0) | (header.mode & permissions)
    const device = deviceNumber(header.devMajor, header.devMinor)
    const path = inDirectory(place.fd, place.name)
    this.#replacing(place, () => mknod(path, mode, device))
    finishNode(path, header, this.#giving)
  }

  #takeAttributes(place: Place, header: TarHeader): void {
    beginDirectory(inDirectory(place.fd, place.name), place.name === '.', header, this.#giving)
    this.#late.set(place.path, header)
    this.#implied.delete(place.path)
  }

  #makeOpaque(path: RawName): void {
    if (this.#whiteouts !== undefined) this.#whiteouts.hideAllBelow(path)
    else markOpaque(`${ofDescriptor(this.#directories.make(path))}/.`)
  }

  #makeWhiteout(parent: RawName, name: RawName): void {
    if (name === '' || name === '.' || name === '..') throw invalid('invalid whiteout: no name')
    if (this.#whiteouts !== undefined) {
      this.#whiteouts.hide(parent, name)
      return
    }
    const fd = this.#directories.make(parent)
    const there = statIn(fd, name)
    // Whiteouts are about the layers below, also when this layer has the name itself (layer.md#whiteouts).
    if (there === undefined) mknod(inDirectory(fd, name), constants.S_IFCHR, 0)
    else if (there.isDirectory()) markOpaque(inDirectory(fd, name))
  }
}
