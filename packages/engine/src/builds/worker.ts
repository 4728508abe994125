import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildImages, type BuildWorker, removeLeftovers } from '@slipway/build'
import { type Database, hasCode, type Lease, type Platform, parseReference, withDefaultTag } from '@slipway/core'
import { pullImage } from '../images/pull.ts'
import type { ImageRoom } from '../images/room.ts'
import type { Image, ImageStore } from '../images/store.ts'
import type { Networks } from '../networks/networks.ts'
import { attachStep } from '../networks/step.ts'

export interface BuildWorkerOptions {
  readonly images: ImageRoom
  readonly networks: Networks
  readonly runtime: BuildWorker['runtime']
  readonly cgroups: NonNullable<BuildWorker['cgroups']>
  /** Already migrated with `buildMigrations`. */
  readonly cache: Database
  /** A directory of its own. */
  readonly scratch: string
}

/** Where the contexts of the builds are unpacked. */
export const contextsIn = (scratch: string): string => join(scratch, 'contexts')

const runsOn = ({ config }: Image, { os, architecture }: Platform): boolean =>
  config.os === os && config.architecture === architecture

/** The image as it is here, if it is, and for the right machine. */
const findHere = async (store: ImageStore, name: string, platform: Platform): Promise<Image | undefined> => {
  try {
    const image = await store.resolve(name)
    return runsOn(image, platform) ? image : undefined
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined
    throw error
  }
}

const hold = (lease: Lease, { chainId, id }: Image): void => {
  lease.hold({ kind: 'content', name: id })
  if (chainId !== undefined) lease.hold({ kind: 'snapshot', name: chainId })
}

const buildImages = (room: ImageRoom): BuildImages => ({
  async resolve(name, { pull, platform, logins, lease, signal, onProgress }) {
    const here = pull ? undefined : await findHere(room.store, name, platform)
    if (here !== undefined) {
      hold(lease, here)
      return here
    }
    const reference = withDefaultTag(parseReference(name))
    const credentials = await logins?.(reference.registry, signal)
    const image = await pullImage(room, {
      reference,
      platform,
      ...(credentials === undefined ? {} : { credentials }),
      ...(onProgress === undefined ? {} : { report: (message) => onProgress({ status: '', ...message }) }),
      signal,
    })
    hold(lease, image)
    return image
  },

  save: (image) => room.store.create(image),

  tag: (reference, id) => room.store.tag(withDefaultTag(parseReference(reference)), id),
})

/** Puts together what builds work with, and clears away what those of the last daemon left behind. */
export const buildWorker = async (options: BuildWorkerOptions): Promise<BuildWorker> => {
  const { images, networks, runtime, cgroups, cache, scratch } = options
  const { content, snapshots, leases } = images.store
  const worker: BuildWorker = {
    content,
    snapshots,
    runtime,
    cgroups,
    images: buildImages(images),
    networks: {
      async attach(id, mode, { directory, hostname, extraHosts }) {
        return attachStep(networks, id, { mode, directory, hostname, extraHosts })
      },
    },
    cache,
    leases,
    scratch,
  }
  await removeLeftovers(worker)
  await rm(contextsIn(scratch), { recursive: true, force: true })
  await mkdir(contextsIn(scratch), { recursive: true, mode: 0o700 })
  return worker
}
