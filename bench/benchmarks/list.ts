import { listContainers, listImages } from '@slipway/client'
import { type Bench, type Benchmark, interleave, timed } from '../measure.ts'
import { containers, images, populate } from '../populate.ts'

/** One request is too short to time alone. */
const times = 5

const each = async (body: () => Promise<unknown>): Promise<number> =>
  (await timed(async () => {
    for (let count = 0; count < times; count += 1) await body()
  })) / times

export const list: Benchmark = {
  name: 'list',
  about: `lists of ${containers} containers and ${images} images through the API`,
  quick: false,
  async run(bench: Bench) {
    for (const subject of bench.subjects) await populate(subject)
    return interleave(bench, bench.subjects, async ({ client }) => ({
      [`${containers} containers`]: await each(() => listContainers(client, { all: true })),
      [`${images} images`]: await each(() => listImages(client)),
    }))
  },
}
