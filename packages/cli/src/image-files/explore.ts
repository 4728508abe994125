import type { ImageLayer, LayerFile } from '@slipway/client'
import { FileTree, type TreeChange } from './file-tree.ts'

export interface ExploredLayer {
  readonly layer: ImageLayer
  readonly changes: readonly TreeChange[]
  /** Bytes of the files in it. */
  readonly bytes: number
  /** Bytes of layers below that can't be seen any more because of it. */
  readonly wasted: number
}

const sizeOf = (file: LayerFile | undefined): number => file?.size ?? 0
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** A file that a layer holds twice counts once: the first is no loss of a layer below. */
const latest = (changes: readonly TreeChange[]): readonly TreeChange[] => [
  ...new Map(changes.map((change) => [`${change.kind} ${change.path}`, change])).values(),
]

const concluded = (layer: ImageLayer, found: readonly TreeChange[]): ExploredLayer => {
  const changes = latest(found).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return {
    layer,
    changes,
    bytes: sum(changes.map(({ after }) => sizeOf(after))),
    wasted: sum(changes.map(({ before }) => sizeOf(before))),
  }
}

/** What each layer does to those below, and in the end the files of the image. */
export const exploreLayers = async (
  lines: AsyncIterable<{ readonly layer: ImageLayer } | LayerFile>,
): Promise<{ readonly layers: readonly ExploredLayer[]; readonly tree: FileTree }> => {
  const tree = new FileTree()
  const layers: ExploredLayer[] = []
  let current: ImageLayer | undefined
  let changes: TreeChange[] = []
  const conclude = (): void => {
    if (current !== undefined) layers.push(concluded(current, changes))
    changes = []
  }
  for await (const line of lines) {
    if ('layer' in line) {
      conclude()
      current = line.layer
    } else changes.push(...tree.apply(line, layers.length))
  }
  conclude()
  return { layers, tree }
}
