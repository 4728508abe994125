import { createContainer, removeContainer, startContainer } from '@slipway/client'
import type { Subject } from '../engines/subject.ts'
import { type Bench, type Benchmark, interleave, timed } from '../measure.ts'

const containers = 50
const rounds = 3

const createAll = async ({ client }: Subject): Promise<readonly string[]> => {
  const ids: string[] = []
  for (let count = 0; count < containers; count += 1) {
    const { Id } = await createContainer(client, { Image: 'busybox', Cmd: ['sleep', '1000'] })
    ids.push(Id)
  }
  return ids
}

export const fifty: Benchmark = {
  name: 'fifty',
  about: `${containers} containers on the bridge, started through the API one after the other, and removed with force all at once`,
  quick: false,
  run: (bench: Bench) =>
    interleave({ ...bench, rounds: Math.min(bench.rounds, rounds) }, bench.subjects, async (subject) => {
      const ids = await createAll(subject)
      const started = await timed(async () => {
        for (const id of ids) await startContainer(subject.client, id)
      })
      const removed = await timed(() =>
        Promise.all(ids.map((id) => removeContainer(subject.client, id, { force: true }))),
      )
      return { 'start, one after the other': started, 'rm -f, all at once': removed }
    }),
}
