import { closeSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { mountSnapshot, openImage, unmount } from '@slipway/linux'
import { BlockFile } from '../content/block-file.ts'
import { ImageWriter } from '../erofs/image-writer.ts'
import { ImageLayers } from './image-layers.ts'

/**
 * Layers as images, in the way that the kernel takes them for files below `root`. Throws what it says if it takes them in none.
 */
export const probeImages = async (root: string): Promise<ImageLayers> => {
  await mkdir(root, { recursive: true, mode: 0o711 })
  const place = await mkdtemp(join(root, 'probe-'))
  try {
    const image = join(place, 'image')
    {
      using file = BlockFile.create(image)
      new ImageWriter(file).finish()
    }
    const mounted = openImage(image)
    try {
      return canStack(`/proc/${process.pid}/fd/${mounted}/.`, place)
        ? new ImageLayers()
        : new ImageLayers({ mountIn: join(root, 'mounted') })
    } finally {
      closeSync(mounted)
    }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/** Whether an overlay takes a layer whose mount stands nowhere: Linux 6.15 does. */
const canStack = (lower: string, place: string): boolean => {
  const options = ['ro', `lowerdir=${lower}:${place}`]
  try {
    mountSnapshot([{ type: 'overlay', source: 'overlay', options }], place)
  } catch {
    return false
  }
  unmount(place)
  return true
}
