import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProgressMessage } from '@slipway/client'
import type { Reference } from '@slipway/core'
import { openSqlite } from '@slipway/database'
import { parseRegistryRules } from '@slipway/remote'
import { CopySnapshotter, FsContentStore, InProcessLeases, packTar, tarHeader } from '@slipway/store'
import { InProcessEventBus } from '../../system/event-bus.ts'
import { Collector } from '../collect.ts'
import { importImage } from '../import.ts'
import type { ImageRoom } from '../room.ts'
import { type Image, ImageStore, type ImageUser, imageMigrations } from '../store.ts'

/** An engine's images over a directory of their own, with the real stores, and no engine around them. */
export interface Harbour extends AsyncDisposable {
  readonly room: ImageRoom
  readonly root: string
  readonly leases: InProcessLeases
  readonly events: InProcessEventBus
  /** Containers that a test makes up: by image id. */
  readonly users: Map<string, readonly ImageUser[]>
  /** Every message of progress so far. */
  readonly messages: ProgressMessage[]
  readonly report: (message: ProgressMessage) => void
  /** The images as the next process would find them. */
  reopen(): Promise<ImageStore>
}

export const openHarbour = async (registries: unknown = undefined): Promise<Harbour> => {
  const root = await mkdtemp(join(tmpdir(), 'swt-images-'))
  const harbour = await openHarbourAt(root, registries)
  return {
    ...harbour,
    async [Symbol.asyncDispose]() {
      await harbour[Symbol.asyncDispose]()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** The same over a directory that stays. */
export const openHarbourAt = async (root: string, registries: unknown = undefined): Promise<Harbour> => {
  await mkdir(root, { recursive: true })
  const database = await openSqlite(join(root, 'engine.db'))
  await database.migrate(imageMigrations)
  const content = await FsContentStore.open(join(root, 'content'))
  const snapshots = await CopySnapshotter.open(join(root, 'snapshots'))
  const leases = new InProcessLeases()
  const events = new InProcessEventBus()
  const users = new Map<string, readonly ImageUser[]>()
  const messages: ProgressMessage[] = []
  const options = { database, content, snapshots, leases, events, inUse: (id: string) => users.get(id) ?? [] }
  const store = await ImageStore.open(options)
  const room: ImageRoom = { store, collector: new Collector(store, []), registries: parseRegistryRules(registries) }
  return {
    room,
    root,
    leases,
    events,
    users,
    messages,
    report: (message) => messages.push(message),
    reopen: () => ImageStore.open(options),
    async [Symbol.asyncDispose]() {
      await snapshots[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** A tar of these files. */
export const tarOf = (files: Readonly<Record<string, string | Buffer>>) =>
  packTar(
    Object.entries(files).map(([name, content]) => {
      const body = Buffer.from(content)
      return { header: tarHeader({ name, size: body.length }), body }
    }),
  )

/** An image of one layer with these files. */
export const seedImage = (
  { room }: Harbour,
  reference: Reference | undefined,
  files: Readonly<Record<string, string | Buffer>> = { hello: 'world' },
  changes: readonly string[] = [],
): Promise<Image> =>
  importImage(room, { tar: tarOf(files), reference, message: 'seed', changes, createdAt: new Date(1e12) })
