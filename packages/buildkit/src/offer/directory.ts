import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { invalid } from '@slipway/core'
import type { Stat } from '../messages/fsutil.ts'
import { permissionsOfGoMode, typeOfGoMode } from '../session/file-mode.ts'

const secondsOf = (nanoseconds: number): number => nanoseconds / 1e9

/** Throws invalid for a path that leads anywhere else than below. */
const checkPath = (path: string): void => {
  const names = path.split('/')
  if (names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))) {
    throw invalid(`invalid path in the result of the build: ${JSON.stringify(path.slice(0, 1024))}`)
  }
}

interface Writing {
  readonly stat: Stat
  readonly file: number
  readonly temporary: string
}

/**
 * A directory of ours that a result is written into. What is there already and isn't in the result stays; a file is only
 * replaced when all of its bytes are there. Nothing goes through a symlink: directories are made, or looked at, before
 * something is put into them.
 */
export class TargetDirectory implements Disposable {
  readonly #root: string
  /** Known to be directories, and no symlinks to some. */
  readonly #directories = new Map<string, Stat | undefined>([['', undefined]])
  readonly #writing = new Map<number, Writing>()
  readonly #links: Stat[] = []
  #made = 0

  constructor(root: string) {
    mkdirSync(root, { recursive: true })
    this.#root = root
  }

  /** Takes an entry in; true: its content is wanted, under the number `id`. */
  entry(stat: Stat, id: number): boolean {
    const { path } = stat
    checkPath(path)
    const above = dirname(path) === '.' ? '' : dirname(path)
    if (!this.#directories.has(above)) throw invalid(`${path} comes before its directory`)
    const type = typeOfGoMode(stat.mode)
    if (type !== 'directory' && this.#directories.has(path)) throw invalid(`${path} is told twice`)
    if (type === 'directory') this.#directory(stat)
    else if (type === 'symlink')
      this.#put(path, (temporary) => {
        symlinkSync(stat.linkname, temporary)
        lutimesSync(temporary, secondsOf(stat.modTime), secondsOf(stat.modTime))
      })
    else if (type !== 'file') return false
    else if (stat.linkname !== '') this.#links.push(stat)
    else {
      this.#open(stat, id)
      return true
    }
    return false
  }

  data(id: number, bytes: Uint8Array): void {
    const writing = this.#writing.get(id)
    if (writing === undefined) throw invalid(`bytes came for file ${id}, which nobody asked for`)
    for (let at = 0; at < bytes.length; ) at += writeSync(writing.file, bytes, at)
  }

  end(id: number): void {
    const writing = this.#writing.get(id)
    if (writing === undefined) throw invalid(`file ${id} ended, which nobody asked for`)
    this.#writing.delete(id)
    const { stat, file, temporary } = writing
    closeSync(file)
    chmodSync(temporary, permissionsOfGoMode(stat.mode))
    utimesSync(temporary, secondsOf(stat.modTime), secondsOf(stat.modTime))
    renameSync(temporary, this.#place(stat.path))
  }

  /** When all files are there: links to them, and the times of directories, which change with what is put into them. */
  finish(): void {
    for (const { path, linkname } of this.#links) {
      checkPath(linkname)
      const above = dirname(linkname) === '.' ? '' : dirname(linkname)
      if (!this.#directories.has(above)) throw invalid(`${path} is a link to ${linkname}, which is not there`)
      this.#put(path, (temporary) => linkSync(this.#place(linkname), temporary))
    }
    for (const [path, stat] of [...this.#directories].reverse()) {
      if (stat === undefined) continue
      chmodSync(this.#place(path), permissionsOfGoMode(stat.mode))
      utimesSync(this.#place(path), secondsOf(stat.modTime), secondsOf(stat.modTime))
    }
  }

  [Symbol.dispose](): void {
    for (const { file, temporary } of this.#writing.values()) {
      closeSync(file)
      rmSync(temporary, { force: true })
    }
    this.#writing.clear()
  }

  #place(path: string): string {
    return join(this.#root, path)
  }

  #temporaryFor(path: string): string {
    this.#made += 1
    return join(this.#root, dirname(path), `.slipway-${process.pid}-${this.#made}.part`)
  }

  #directory(stat: Stat): void {
    const place = this.#place(stat.path)
    const there = lstatSync(place, { throwIfNoEntry: false })
    if (there !== undefined && !there.isDirectory()) rmSync(place)
    // Ours to write into until the end, whatever its mode will be.
    if (there?.isDirectory() !== true) mkdirSync(place, { mode: 0o700 })
    this.#directories.set(stat.path, stat)
  }

  #open(stat: Stat, id: number): void {
    this.#makeRoom(stat.path)
    const temporary = this.#temporaryFor(stat.path)
    rmSync(temporary, { force: true })
    this.#writing.set(id, { stat, temporary, file: openSync(temporary, 'wx', 0o600) })
  }

  #put(path: string, make: (temporary: string) => void): void {
    this.#makeRoom(path)
    const temporary = this.#temporaryFor(path)
    rmSync(temporary, { force: true })
    make(temporary)
    renameSync(temporary, this.#place(path))
  }

  /** A rename replaces everything but a directory. */
  #makeRoom(path: string): void {
    if (lstatSync(this.#place(path), { throwIfNoEntry: false })?.isDirectory() === true) {
      rmSync(this.#place(path), { recursive: true })
    }
  }
}
