import { createContainer, removeContainer, startContainer, waitContainer } from '@slipway/client'
import type { Subject } from '../engines/subject.ts'
import { type Bench, type Benchmark, interleave, type Measurement, timed } from '../measure.ts'

const modes = ['bridge', 'none', 'host'] as const
const inARow = 8

const runOnce = async ({ client }: Subject, mode: string): Promise<Readonly<Record<string, number>>> => {
  const body = { Image: 'busybox', Cmd: ['true'], HostConfig: { NetworkMode: mode } }
  let id = ''
  const create = await timed(async () => {
    id = (await createContainer(client, body)).Id
  })
  const start = await timed(() => startContainer(client, id))
  const wait = await timed(async () => (await waitContainer(client, id)).exit)
  const remove = await timed(() => removeContainer(client, id, { force: true }))
  const steps = { create, start, wait, remove, total: create + start + wait + remove }
  return Object.fromEntries(Object.entries(steps).map(([step, figure]) => [`${mode}: ${step}`, figure]))
}

/** Engines differ in what they do in which call: only totals compare. */
export const runApi: Benchmark = {
  name: 'run-api',
  about: 'create, start, wait and remove of `busybox true` through the API',
  quick: true,
  async run(bench: Bench) {
    const all: Measurement[] = []
    for (const mode of modes) {
      bench.say(mode)
      all.push(...(await interleave(bench, bench.subjects, (subject) => runOnce(subject, mode))))
    }
    bench.say(`${inARow} in a row`)
    const once = { ...bench, rounds: Math.min(bench.rounds, 5) }
    const row = await interleave(once, bench.subjects, async (subject) => {
      const whole = await timed(async () => {
        for (let count = 0; count < inARow; count += 1) await runOnce(subject, 'bridge')
      })
      return { [`bridge: each of ${inARow} in a row`]: whole / inARow }
    })
    return [...all, ...row]
  },
}
