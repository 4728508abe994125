import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from '../temporary-directory.ts'
import { CopySnapshotter } from './copy.ts'
import { snapshotterSuite } from './suite.ts'

snapshotterSuite('CopySnapshotter', async () => {
  const directory = await temporaryDirectory()
  const root = join(directory.path, 'snapshots')
  await mkdir(root)
  const opened = [await CopySnapshotter.open(root)]
  return {
    snapshotter: opened[0] as CopySnapshotter,
    scratch: directory.path,
    use: async (mounts, body) => body(mounts[0]?.source as string),
    reopen: async () => {
      opened.push(await CopySnapshotter.open(root))
      return opened.at(-1) as CopySnapshotter
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of opened) await each[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
})
