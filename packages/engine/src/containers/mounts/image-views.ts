import type { Lease } from '@slipway/core'
import type { ContainerRecord } from '../records.ts'
import type { ContainerRoom } from '../room.ts'
import { mountsOf } from './chosen.ts'
import type { ContainerMount, ImageMount } from './mount.ts'

/** What keeps an image's layers for a container that mounts it: a view of them, named after both. */
export const imageViewName = (containerId: string, index: number): string => `${containerId}-image-${index}`

interface View {
  readonly name: string
  readonly mount: ImageMount
}

const viewsIn = (containerId: string, mounts: readonly ContainerMount[]): readonly View[] =>
  mounts.flatMap((mount, index) => (mount.type === 'image' ? [{ name: imageViewName(containerId, index), mount }] : []))

/** The views that a container has. */
export const imageViewsOf = ({ id, definition }: Pick<ContainerRecord, 'id' | 'definition'>): readonly string[] =>
  viewsIn(id, mountsOf(definition)).map(({ name }) => name)

/** Makes the views of a container that is being made; they go with it. The lease keeps them until it is recorded. */
export const makeImageViews = async (
  { snapshots }: Pick<ContainerRoom, 'snapshots'>,
  containerId: string,
  mounts: readonly ContainerMount[],
  lease: Lease,
): Promise<void> => {
  for (const { name, mount } of viewsIn(containerId, mounts)) {
    for (const held of [mount.chainId, name]) lease.hold({ kind: 'snapshot', name: held })
    await snapshots.view(name, mount.chainId)
  }
}

export const removeImageViews = async (
  { snapshots }: Pick<ContainerRoom, 'snapshots'>,
  containerId: string,
  mounts: readonly ContainerMount[],
): Promise<void> => {
  for (const { name } of viewsIn(containerId, mounts)) await snapshots.remove(name)
}
