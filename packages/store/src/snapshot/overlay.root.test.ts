import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mountSnapshot, unmount } from '@slipway/linux'
import { temporaryDirectory } from '../temporary-directory.ts'
import { directoryLayers } from './directory-layers.ts'
import { ImageLayers } from './image-layers.ts'
import type { LayerForm } from './layer-form.ts'
import { OverlaySnapshotter } from './overlay.ts'
import { type SnapshotterUnderTest, snapshotterSuite } from './suite.ts'

const make = async (newForm: (root: string) => LayerForm): Promise<SnapshotterUnderTest> => {
  const directory = await temporaryDirectory()
  const root = join(directory.path, 'snapshots')
  await mkdir(root)
  const opened = [await OverlaySnapshotter.open(root, newForm(root))]
  return {
    snapshotter: opened[0] as OverlaySnapshotter,
    scratch: directory.path,
    use: async (mounts, body) => {
      const target = join(directory.path, 'mounted')
      await mkdir(target)
      mountSnapshot(mounts, target)
      try {
        return await body(target)
      } finally {
        unmount(target)
        await rmdir(target)
      }
    },
    reopen: async () => {
      opened.push(await OverlaySnapshotter.open(root, newForm(root)))
      return opened.at(-1) as OverlaySnapshotter
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of opened) await each[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

snapshotterSuite('OverlaySnapshotter of directories', () => make(directoryLayers))
snapshotterSuite('OverlaySnapshotter of EROFS images', () => make(() => new ImageLayers()))
snapshotterSuite('OverlaySnapshotter of EROFS images that are mounted somewhere', () =>
  make((root) => new ImageLayers({ mountIn: join(root, 'mounted') })),
)
