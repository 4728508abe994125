import { closeSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ApplyOptions, hasErrno } from '@slipway/core'
import { attachImage, openImage, unmount } from '@slipway/linux'
import type { WrittenImage } from '../erofs/write-image.ts'
import { runJob } from '../workers/run.ts'
import type { Unpacking } from './folder.ts'
import type { LayerForm, LowersOf, WriteLayer } from './layer-form.ts'
import { inputOf, withDigest } from './options.ts'

const imageIn = (path: string): string => join(path, 'image')

/** An empty directory: never with what may be mounted in it. */
const removeIfThere = (path: string): void => {
  try {
    rmdirSync(path)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error
  }
}

/**
 * A layer is one EROFS image. It is mounted when something on it is first mounted, by this process and for itself (see
 * `openImage`), and stays so until it goes: all overlays share one page cache, nothing of it is in the host's table of
 * mounts, and whatever ends this process leaves none behind. Containers' overlays hold on to what they need.
 */
export class ImageLayers implements LayerForm {
  readonly driver = 'erofs'
  readonly #mountIn: string | undefined
  /** Descriptors by the layer's id. */
  readonly #mounted = new Map<number, number>()

  /** `mountIn`: a directory in which the images are mounted, where overlays want them to be somewhere. */
  constructor({ mountIn }: { readonly mountIn?: string | undefined } = {}) {
    this.#mountIn = mountIn
    if (mountIn === undefined) return
    mkdirSync(mountIn, { recursive: true, mode: 0o700 })
    // Those of a process that was killed.
    for (const name of readdirSync(mountIn)) unmount(join(mountIn, name), { lazy: true })
  }

  unpacking: LayerForm['unpacking'] = (layer, { expected, hashed, signal, onProgress }, lowersOf) => {
    const [input, source] = inputOf(layer)
    const write = (image: string): Promise<WrittenImage> => {
      const request = { ...input, image, expected, isHashed: hashed !== undefined }
      return runJob('writeImage', request, { ...source, signal, onProgress })
    }
    return this.#unpacking(write, hashed, lowersOf)
  }

  adopting = (write: WriteLayer, lowersOf: LowersOf): Unpacking => this.#unpacking(write, undefined, lowersOf)

  #unpacking(write: WriteLayer, hashed: ApplyOptions['hashed'], lowersOf: LowersOf): Unpacking {
    let implied: WrittenImage['implied'] = []
    return {
      fill: async (path) => {
        const written = await write(imageIn(path))
        implied = written.implied
        return { ...(await withDigest(written, hashed)), isImage: true }
      },
      settle: async (path, parent) => {
        const lowers = lowersOf(parent)
        if (lowers.length > 0 && implied.length > 0) {
          await runJob('settleImage', { image: imageIn(path), lowers, implied })
        }
      },
    }
  }

  show: LayerForm['show'] = ({ id, isImage }, path) => {
    if (isImage !== true) return join(path, 'fs')
    const mounted = this.#mounted.get(id) ?? this.#mount(id, path)
    // By our number: whoever makes the overlay may be another process.
    return this.#placeOf(id) ?? `/proc/${process.pid}/fd/${mounted}/.`
  }

  /** By a mount of its own, whose page cache is new. */
  showFromDisk: LayerForm['showFromDisk'] = ({ isImage }, path) => {
    if (isImage !== true) return { path: join(path, 'fs'), [Symbol.dispose]: () => {} }
    const mounted = openImage(imageIn(path))
    return { path: `/proc/${process.pid}/fd/${mounted}/.`, [Symbol.dispose]: () => closeSync(mounted) }
  }

  release(id: number): void {
    const mounted = this.#mounted.get(id)
    if (mounted === undefined) return
    this.#mounted.delete(id)
    closeSync(mounted)
    const place = this.#placeOf(id)
    if (place === undefined) return
    unmount(place, { lazy: true })
    removeIfThere(place)
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#mounted.keys()]) this.release(id)
  }

  #mount(id: number, path: string): number {
    const mounted = openImage(imageIn(path))
    const place = this.#placeOf(id)
    if (place !== undefined) {
      mkdirSync(place, { recursive: true })
      attachImage(mounted, place)
    }
    this.#mounted.set(id, mounted)
    return mounted
  }

  #placeOf(id: number): string | undefined {
    return this.#mountIn === undefined ? undefined : join(this.#mountIn, String(id))
  }
}
