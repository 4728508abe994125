import { largeFiles, smallFiles } from './contents.ts'
import { type BenchImage, makeImage } from './image.ts'
import { type LayerFamily, openLayerFamily } from './layer.ts'

const layersOfBig = 10

/** Images of one kind, of which an engine that has one has not got the next. */
export interface ImageFamily {
  readonly name: string
  variant(number: number): BenchImage
}

const family = (name: string, layers: readonly LayerFamily[]): ImageFamily => ({
  name,
  variant: (number) => makeImage(layers.map((layer) => layer.variant(number))),
})

/** 30,000 files in one layer. */
export const openMany = async (): Promise<ImageFamily> =>
  family('many', [await openLayerFamily('many', () => smallFiles('many', 30_000))])

/** 1 GB in ten layers of few files. */
export const openBig = async (): Promise<ImageFamily> => {
  const layers: LayerFamily[] = []
  for (let number = 0; number < layersOfBig; number += 1) {
    layers.push(await openLayerFamily(`big${number}`, () => largeFiles(`layer${number}`)))
  }
  return family('big', layers)
}

/** The files of a small distribution, 116 MB: what is imported. */
export const openRoot = (): Promise<LayerFamily> =>
  openLayerFamily('root', function* () {
    yield* smallFiles('root', 9000)
    for (const one of largeFiles('root')) {
      if (one.header.size < 2_000_000) yield one
    }
  })
