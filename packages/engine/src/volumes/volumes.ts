import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { conflict, type Database, type EventBus, hasErrno, type Logger, SlipwayError } from '@slipway/core'
import { isMountPoint, readMountInfo, unmount } from '@slipway/linux'
import { copyDirectory, measureDirectory } from '@slipway/store'
import { KeyedLock } from '../keyed-lock.ts'
import { checkDriver, checkDriverOptions, sourceOf } from './driver-options.ts'
import { publishVolumeEvent } from './events.ts'
import { mountVolume } from './mount.ts'
import {
  anonymousLabels,
  checkVolumeName,
  deleteVolume,
  loadVolumes,
  newVolumeName,
  saveVolume,
  type VolumeRecord,
} from './records.ts'
import { makeDirectories, sweepVolumes } from './sweep.ts'

export interface WantedVolume {
  /** Without one it is anonymous. */
  readonly name?: string | undefined
  readonly driver?: string | undefined
  readonly options?: Readonly<Record<string, string>> | null | undefined
  readonly labels?: Readonly<Record<string, string>> | null | undefined
}

/** A volume that can't be removed until this is disposed. */
export interface HeldVolume extends Disposable {
  readonly volume: VolumeRecord
  /** It wasn't there before. */
  readonly isNew: boolean
}

interface Parts {
  readonly database: Database
  /** `<data-root>/volumes` */
  readonly root: string
  /** The containers, running or not, that have this volume. */
  readonly usersOf: (name: string) => readonly string[]
  /** Who runs since before this process began, with its volumes. */
  readonly survivors: readonly { readonly id: string; readonly volumes: readonly string[] }[]
  readonly events: EventBus
  readonly logger: Logger
}

const noSuchVolume = (name: string): SlipwayError =>
  new SlipwayError('not-found', `get ${name.slice(0, 255)}: no such volume`)

const unlessGone = (error: unknown): void => {
  if (!hasErrno(error, 'ENOENT')) throw error
}

/** The local volumes: a directory and a row each. Who has one is asked of the containers, so that no count can be wrong. */
export class Volumes {
  readonly #parts: Parts
  readonly #byName = new Map<string, VolumeRecord>()
  readonly #lock = new KeyedLock()
  /** By how many requests under way a volume is held, before the container that they make has a record. */
  readonly #held = new Map<string, number>()
  /** Which containers have it in their file systems at this moment. */
  readonly #inUse = new Map<string, Set<string>>()

  private constructor(parts: Parts, volumes: readonly VolumeRecord[]) {
    this.#parts = parts
    for (const volume of volumes) this.#byName.set(volume.name, volume)
  }

  /** Finds the volumes again, and clears away what a crash left half made. */
  static async open(parts: Parts): Promise<Volumes> {
    const volumes = new Volumes(parts, await sweepVolumes(parts, await loadVolumes(parts.database)))
    for (const survivor of parts.survivors) {
      for (const name of survivor.volumes) volumes.#usersNow(name).add(survivor.id)
    }
    for (const { name } of volumes.all()) if (!volumes.#inUse.has(name)) volumes.#unmount(name)
    return volumes
  }

  all(): readonly VolumeRecord[] {
    return [...this.#byName.values()]
  }

  /** Throws not-found. */
  find(name: string): VolumeRecord {
    const volume = this.#byName.get(name)
    if (volume === undefined) throw noSuchVolume(name)
    return volume
  }

  usersOf(name: string): readonly string[] {
    return this.#parts.usersOf(name)
  }

  isHeld(name: string): boolean {
    return this.#held.has(name) || this.usersOf(name).length > 0
  }

  /** Where its files are. */
  pathOf(name: string): string {
    return join(this.#directoryOf(name), '_data')
  }

  /** Makes it unless there is one of this name: then that one is it, with the options it has. */
  async take({ name = newVolumeName(), driver, options, labels }: WantedVolume): Promise<HeldVolume> {
    checkDriver(name, driver)
    checkVolumeName(name)
    return await this.#lock.run(name, async () => {
      const before = this.#byName.get(name)
      if (before === undefined) checkDriverOptions(name, options ?? {})
      const volume = before ?? (await this.#make({ name, labels: labels ?? {}, options: options ?? {} }))
      this.#held.set(name, (this.#held.get(name) ?? 0) + 1)
      return { volume, isNew: before === undefined, [Symbol.dispose]: () => this.#letGo(name) }
    })
  }

  takeAnonymous(wanted: Omit<WantedVolume, 'name'>): Promise<HeldVolume> {
    return this.take({ ...wanted, labels: { ...wanted.labels, ...anonymousLabels } })
  }

  /** `except`: a container that is about to go. Throws not-found, and conflict in docker's words for one in use. */
  async remove(name: string, { except }: { readonly except?: string } = {}): Promise<void> {
    const gone = await this.#lock.run(name, async () => {
      this.find(name)
      const users = this.usersOf(name).filter((id) => id !== except)
      if (users.length > 0 || this.#held.has(name)) {
        throw conflict(`remove ${name}: volume is in use - [${users.join(', ')}]`)
      }
      this.#unmount(name)
      // What is mounted there, by whomever, isn't the volume's own and must stay.
      const [mounted] = readMountInfo(this.#directoryOf(name))
      if (mounted !== undefined) throw conflict(`remove ${name}: volume is in use - ${mounted.target} is mounted`)
      await deleteVolume(this.#parts.database, name)
      this.#byName.delete(name)
      const gone = join(this.#parts.root, `.gone-${newVolumeName()}`)
      await rename(this.#directoryOf(name), gone).catch(unlessGone)
      publishVolumeEvent(this.#parts.events, name, 'destroy', { driver: 'local' })
      return gone
    })
    await rm(gone, { recursive: true, force: true })
  }

  /** From now on a container has it in its file system: what it stands for is mounted. */
  async use(name: string, containerId: string): Promise<void> {
    await this.#lock.run(name, async () => {
      const source = sourceOf(this.find(name).options)
      this.#usersNow(name).add(containerId)
      try {
        if (source !== undefined) await mountVolume(source, this.pathOf(name))
      } catch (error) {
        this.#dropUser(name, containerId)
        throw error
      }
    })
  }

  /** The container's file system is gone: what nobody else uses is unmounted. Returns the volumes that it had. */
  release(containerId: string): readonly string[] {
    const names = [...this.#inUse].filter(([, users]) => users.has(containerId)).map(([name]) => name)
    for (const name of names) this.#dropUser(name, containerId)
    return names
  }

  /** Of one that something is mounted for, that isn't known before. */
  async mayBeEmpty(name: string): Promise<boolean> {
    return sourceOf(this.find(name).options) !== undefined || (await this.#isEmpty(name))
  }

  /**
   * Copies a directory into the volume, if that is empty still. All of it or nothing, unless someone has the volume mounted
   * right now: then the directory must stay the same.
   */
  async fill(name: string, from: string, containerId: string): Promise<void> {
    await this.#lock.run(name, async () => {
      if (!(await this.#isEmpty(name))) return
      const others = [...(this.#inUse.get(name) ?? [])].filter((id) => id !== containerId)
      if (others.length > 0 || isMountPoint(this.pathOf(name))) {
        await copyDirectory(from, this.pathOf(name))
        return
      }
      const copy = join(this.#directoryOf(name), '_copy')
      await rm(copy, { recursive: true, force: true })
      await mkdir(copy)
      try {
        await copyDirectory(from, copy)
        await rename(copy, this.pathOf(name))
      } finally {
        await rm(copy, { recursive: true, force: true })
      }
    })
  }

  /** Bytes on disk; -1 where that isn't the volume's own to tell, 0 where it is being removed. */
  async size({ name, options }: VolumeRecord): Promise<number> {
    if (sourceOf(options) !== undefined) return -1
    try {
      return (await measureDirectory(this.pathOf(name))).bytes
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error
      return 0
    }
  }

  async #isEmpty(name: string): Promise<boolean> {
    return (await readdir(this.pathOf(name))).length === 0
  }

  #directoryOf(name: string): string {
    return join(this.#parts.root, name)
  }

  async #make(wanted: Omit<VolumeRecord, 'createdAt'>): Promise<VolumeRecord> {
    const volume = { ...wanted, createdAt: new Date().toISOString().replace(/\.\d+Z$/, 'Z') }
    await saveVolume(this.#parts.database, volume)
    try {
      await makeDirectories(this.#directoryOf(volume.name))
    } catch (error) {
      await deleteVolume(this.#parts.database, volume.name)
      throw error
    }
    this.#byName.set(volume.name, volume)
    publishVolumeEvent(this.#parts.events, volume.name, 'create', { driver: 'local' })
    return volume
  }

  #letGo(name: string): void {
    const count = (this.#held.get(name) ?? 0) - 1
    if (count > 0) this.#held.set(name, count)
    else this.#held.delete(name)
  }

  #usersNow(name: string): Set<string> {
    const users = this.#inUse.get(name) ?? new Set()
    this.#inUse.set(name, users)
    return users
  }

  #dropUser(name: string, containerId: string): void {
    const users = this.#usersNow(name)
    users.delete(containerId)
    if (users.size > 0) return
    this.#inUse.delete(name)
    this.#unmount(name)
  }

  #unmount(name: string): void {
    try {
      if (sourceOf(this.#byName.get(name)?.options ?? {})) unmount(this.pathOf(name), { lazy: true })
    } catch (error) {
      this.#parts.logger.warn({ volume: name, error }, 'a volume could not be unmounted')
    }
  }
}
