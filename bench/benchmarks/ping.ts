import { type Bench, type Benchmark, interleave } from '../measure.ts'
import { containers, images, populate } from '../populate.ts'

export const ping: Benchmark = {
  name: 'ping',
  about: `from the daemon's start to its first answered \`/_ping\`, with ${images} images and ${containers} containers`,
  quick: false,
  async run(bench: Bench) {
    for (const subject of bench.subjects) {
      bench.say(`${images} images and ${containers} containers for ${subject.name}`)
      await populate(subject)
    }
    return interleave(bench, bench.subjects, async (subject) => {
      await subject.stop()
      return { 'start to /_ping': await subject.start() }
    })
  },
}
