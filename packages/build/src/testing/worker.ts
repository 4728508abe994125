import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chainIdOf,
  type Digest,
  digestOf,
  hostPlatform,
  type ImageConfig,
  SlipwayError,
  type Snapshotter,
  silentLogger,
} from '@slipway/core'
import { openSqlite } from '@slipway/database'
import { createNetns, deleteNetns, findFirstBinary, mountSnapshot, unmount } from '@slipway/linux'
import { ForegroundRuntime, singleRuntime } from '@slipway/runtime'
import { FsContentStore, InProcessLeases, openSnapshotter, parseStorageDriver } from '@slipway/store'
import { buildMigrations } from '../solver/migrations.ts'
import type { BuildImages, BuildWorker, StepNetworks } from '../worker.ts'

/** A worker for tests, with real snapshots and a real runtime. Images are a map; networks have no way out. Needs root. */
export interface TestWorker extends AsyncDisposable {
  readonly worker: BuildWorker
  readonly directory: string
  readonly images: ReadonlyMap<Digest, ImageConfig>
  readonly tags: ReadonlyMap<string, Digest>
  /** Reads the files of an image. */
  look<T>(id: Digest, body: (root: string) => T | Promise<T>): Promise<T>
}

const mustFind = (...names: readonly string[]): string => {
  const path = findFirstBinary(...names)
  if (path === undefined) throw new Error(`${names.join(', ')}: not installed`)
  return path
}

const applets = [
  'sh',
  'cat',
  'echo',
  'ls',
  'mkdir',
  'rm',
  'touch',
  'sleep',
  'id',
  'env',
  'stat',
  'false',
  'true',
  'chmod',
  'ln',
]

/** busybox and the few files that a system has: what `FROM busybox` gives. */
const makeBusybox = async (snapshots: Snapshotter, directory: string): Promise<ImageConfig> => {
  const root = join(directory, 'busybox')
  mkdirSync(root)
  mountSnapshot(await snapshots.prepare('busybox'), root)
  try {
    for (const name of ['bin', 'etc', 'tmp', 'root', 'dev', 'proc', 'sys']) mkdirSync(join(root, name))
    copyFileSync(mustFind('busybox-static', 'busybox'), join(root, 'bin/busybox'))
    for (const applet of applets) symlinkSync('busybox', join(root, 'bin', applet))
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:44:web:/:/bin/sh\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nweb:x:44:\nstaff:x:50:web\n')
  } finally {
    unmount(root)
  }
  const { diffId } = await snapshots.diff('busybox')
  await snapshots.commit('busybox', diffId)
  const { os, architecture } = hostPlatform()
  return {
    architecture,
    os,
    created: '2026-01-01T00:00:00Z',
    config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: [diffId] },
  }
}

const memoryImages = (images: Map<Digest, ImageConfig>, tags: Map<string, Digest>): BuildImages => ({
  async resolve(reference) {
    const id = tags.get(reference)
    const config = id === undefined ? undefined : images.get(id)
    if (id === undefined || config === undefined)
      throw new SlipwayError('not-found', `pull access denied for ${reference}`)
    return { id, config }
  },
  async save({ config }) {
    const id = digestOf(JSON.stringify(config))
    images.set(id, config)
    return { id }
  },
  async tag(reference, id) {
    tags.set(reference, id)
  },
})

const lonelyNetworks = (directory: string): StepNetworks => ({
  async attach(stepId, mode) {
    const [resolvConf, hosts] = ['resolv.conf', 'hosts'].map((name) => join(directory, `${stepId}-${name}`))
    if (resolvConf === undefined || hosts === undefined) throw new Error('unreachable')
    writeFileSync(resolvConf, 'nameserver 192.0.2.1\n')
    writeFileSync(hosts, '127.0.0.1 localhost\n')
    const netns = join(directory, `${stepId}-netns`)
    if (mode !== 'host') await createNetns(netns)
    return {
      ...(mode === 'host' ? {} : { netns }),
      files: { resolvConf, hosts },
      [Symbol.asyncDispose]: async () => (mode === 'host' ? undefined : deleteNetns(netns)),
    }
  },
})

/** As for an engine. */
const driverName = process.env['SLIPWAY_STORAGE_DRIVER']
const testedDriver = driverName === undefined ? undefined : parseStorageDriver(driverName)

export const openTestWorker = async (): Promise<TestWorker> => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-build-'))
  const [store, scratch, state] = ['store', 'scratch', 'state'].map((name) => join(directory, name))
  if (store === undefined || scratch === undefined || state === undefined) throw new Error('unreachable')
  for (const path of [store, scratch, state]) mkdirSync(path)
  const snapshots = await openSnapshotter(join(store, 'snapshots'), testedDriver)
  const cache = await openSqlite(':memory:')
  await cache.migrate(buildMigrations)
  const runtime = new ForegroundRuntime({
    runtimes: singleRuntime('runc', mustFind('runc')),
    stateRoot: state,
    logger: silentLogger,
  })
  const images = new Map<Digest, ImageConfig>()
  const tags = new Map<string, Digest>()
  const worker: BuildWorker = {
    content: await FsContentStore.open(join(store, 'content')),
    snapshots,
    runtime,
    images: memoryImages(images, tags),
    networks: lonelyNetworks(state),
    cache,
    leases: new InProcessLeases(),
    scratch,
  }
  const busybox = await makeBusybox(snapshots, directory)
  const { id } = await worker.images.save({ config: busybox, lease: worker.leases.take('test') })
  await worker.images.tag('busybox', id)
  let looks = 0
  return {
    worker,
    directory,
    images,
    tags,
    async look(id, body) {
      const key = `look-${++looks}`
      const root = join(directory, key)
      mkdirSync(root)
      const chainId = chainIdOf(images.get(id)?.rootfs.diff_ids ?? [])
      if (chainId === undefined) return body(root)
      mountSnapshot(await snapshots.view(key, chainId), root)
      try {
        return await body(root)
      } finally {
        unmount(root, { lazy: true })
        await snapshots.remove(key)
      }
    },
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]()
      await snapshots[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
