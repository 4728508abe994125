import { chmodSync, lchownSync, linkSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { hasErrno } from '@slipway/core'
import { mknod, setTimes, setXattr } from '@slipway/linux'
import type { Owner } from '../owner.ts'
import { kindOf, statOf } from '../tree/disk.ts'
import type { Node, NodeKind } from '../tree/node.ts'
import { type Metadata, type MetadataOf, refuseDirectory, type Target } from './target.ts'

const directoryMode = 0o755
const setGroupId = 0o2000
/** The permissions that a file can be opened with, under whatever umask is usual. */
const openMode = 0o755

/** A directory of this machine as the root. Nobody else may change it meanwhile. */
export class DiskTarget implements Target {
  readonly #root: string
  /** What the directories that were changed get in the end. */
  readonly #times = new Map<string, bigint>()
  /** What root makes is root's, unless a directory gives its group to what is put into it. */
  #isRootsOwn = process.geteuid?.() === 0 && process.getegid?.() === 0

  constructor(root: string) {
    this.#root = root
  }

  kindAt(path: string): NodeKind | undefined {
    const stat = statOf(this.#root + path)
    return stat && kindOf(stat)
  }

  linkAt(path: string): string | undefined {
    return this.kindAt(path) === 'symlink' ? readlinkSync(this.#root + path) : undefined
  }

  makeDirectory(path: string, { uid, gid }: Owner): void {
    const here = this.#changing(path)
    mkdirSync(here, { mode: directoryMode })
    chmodSync(here, directoryMode)
    lchownSync(here, uid, gid)
    this.#times.set(here, 0n)
  }

  setMetadata(path: string, { uid, gid, mode, mtimeNs, xattrs }: Metadata): void {
    const here = this.#root + path
    lchownSync(here, uid, gid)
    chmodSync(here, mode)
    this.#noticeGroup(mode)
    for (const [name, value] of xattrs) setXattr(here, name, value)
    this.#times.set(here, mtimeNs)
  }

  put(path: string, node: Node, metadataOf: MetadataOf): void {
    const metadata = metadataOf(node)
    const here = this.#changing(path)
    this.#replace(path, () => {
      if (node.kind === 'symlink') symlinkSync(node.target(), here)
      else if (node.kind === 'file') node.writeTo(here, metadata.mode & openMode)
      else mknod(here, node.device.format | 0o600, node.device.number)
    })
    this.#describe(here, node, metadata)
  }

  link(first: string, path: string): void {
    const here = this.#changing(path)
    this.#replace(path, () => linkSync(this.#root + first, here))
  }

  /** After the last change: the directories get their times. */
  finish(): void {
    for (const [path, time] of this.#times) {
      if (statOf(path)?.isDirectory()) setTimes(path, { atimeNs: time, mtimeNs: time })
    }
  }

  /** The host's path; the directory above is about to change. */
  #changing(path: string): string {
    const above = this.#root + posix.dirname(path)
    if (!this.#times.has(above)) {
      const stat = statOf(above)
      this.#noticeGroup(Number(stat?.mode ?? 0n))
      if (stat !== undefined) this.#times.set(above, stat.mtimeNs)
    }
    return this.#root + path
  }

  #noticeGroup(mode: number): void {
    if ((mode & setGroupId) !== 0) this.#isRootsOwn = false
  }

  #replace(path: string, make: () => void): void {
    try {
      make()
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error
      if (this.kindAt(path) === 'directory') refuseDirectory(path)
      rmSync(this.#root + path)
      make()
    }
  }

  /** Of each call that can be spared there are as many as files. */
  #describe(here: string, node: Node, { uid, gid, mode, mtimeNs, xattrs }: Metadata): void {
    const isFresh = node.kind !== 'file' || node.writesPlain
    if (!isFresh || !this.#isRootsOwn || uid !== 0 || gid !== 0) lchownSync(here, uid, gid)
    if (node.kind !== 'symlink') {
      // After the owner: chown takes setuid and file capabilities away.
      if (node.kind !== 'file' || !node.writesPlain || (mode & openMode) !== mode) chmodSync(here, mode)
      for (const [name, value] of xattrs) setXattr(here, name, value)
    }
    setTimes(here, { atimeNs: mtimeNs, mtimeNs })
  }
}
