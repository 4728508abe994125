import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runJob } from '../workers/run.ts'
import type { LayerForm } from './layer-form.ts'
import { inputOf, withDigest } from './options.ts'

/** A layer is a directory, with overlayfs's own marks for what it hides. */
export const directoryLayers = (): LayerForm => ({
  driver: 'overlay',
  unpacking: (layer, { expected, hashed, signal, onProgress }, lowersOf) => {
    const [input, source] = inputOf(layer)
    let implied: readonly string[] = []
    return {
      fill: async (path) => {
        const target = join(path, 'fs')
        await mkdir(target)
        const isHashed = hashed !== undefined
        const request = { ...input, target, rules: { whiteouts: 'overlay' }, expected, isHashed } as const
        const unpacked = await runJob('unpackLayer', request, { ...source, signal, onProgress })
        implied = unpacked.implied
        return withDigest(unpacked, hashed)
      },
      settle: async (path, parent) => {
        const lowers = lowersOf(parent)
        if (lowers.length > 0) await runJob('settleImplied', { tree: join(path, 'fs'), lowers, implied })
      },
    }
  },
  show: (_, path) => join(path, 'fs'),
  showFromDisk: (_, path) => ({ path: join(path, 'fs'), [Symbol.dispose]: () => {} }),
  release: () => {},
  [Symbol.dispose]: () => {},
})
