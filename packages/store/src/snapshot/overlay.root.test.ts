import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mountSnapshot, unmount } from '@slipway/linux'
import { temporaryDirectory } from '../temporary-directory.ts'
import { OverlaySnapshotter } from './overlay.ts'
import { snapshotterSuite } from './suite.ts'

snapshotterSuite('OverlaySnapshotter', async () => {
  const directory = await temporaryDirectory()
  const root = join(directory.path, 'snapshots')
  await mkdir(root)
  const opened = [await OverlaySnapshotter.open(root)]
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
      opened.push(await OverlaySnapshotter.open(root))
      return opened.at(-1) as OverlaySnapshotter
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of opened) await each[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
})
