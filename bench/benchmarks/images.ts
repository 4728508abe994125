import { removeImage } from '@slipway/client'
import type { Subject } from '../engines/subject.ts'
import { type ImageFamily, openBig, openMany } from '../images/families.ts'
import { archiveOf } from '../images/image.ts'
import { load, pull, push, pushAs, save } from '../images/moves.ts'
import { type Bench, type Benchmark, interleave, type Measurement, timed } from '../measure.ts'
import { forgetPeak, peakMemory } from '../memory.ts'
import { openRegistries, type Registries } from '../registries/pair.ts'

/** Images that one round brings. */
const perRound = 3

/** An engine on its way through the rounds. */
interface Voyage {
  readonly name: string
  readonly subject: Subject
  readonly removable: string[]
  readonly peaks: number[]
  round: number
}

/** Nothing is brought twice, and nothing removed in between: ext4 is slow for a while after a mass deletion. */
const sail = async (voyage: Voyage, family: ImageFamily, registries: Registries) => {
  const { subject, removable } = voyage
  const { client, daemon } = subject
  voyage.round += 1
  const base = `${registries.host}/${subject.name}/${family.name}${voyage.round}`
  const [gzip, plain, remote] = [`${base}-gzip`, `${base}-plain`, `${base}-remote`]
  const [first, second, third] = Array.from({ length: perRound }, (_, place) =>
    family.variant(voyage.round * perRound + place),
  ) as [ReturnType<ImageFamily['variant']>, ReturnType<ImageFamily['variant']>, ReturnType<ImageFamily['variant']>]
  await registries.fill(third, remote.slice(registries.host.length + 1))
  removable.push(gzip, plain, remote)
  await forgetPeak(daemon.pid)
  const figures = {
    'load, compressed layers': await timed(() => load(client, archiveOf(first, `${gzip}:latest`, 'gzip'))),
    'load, plain layers': await timed(() => load(client, archiveOf(second, `${plain}:latest`, 'plain'))),
    'push of what came plain': await timed(() => push(client, plain)),
    'push of what came compressed': await timed(() => push(client, gzip)),
    pull: await timed(() => pull(client, remote)),
    'push of what was pulled': await timed(() => pushAs(client, remote, `${remote}-again`)),
    save: await timed(() => save(client, plain)),
  }
  removable.unshift(`${remote}-again`)
  voyage.peaks.push(await peakMemory(daemon.pid))
  return figures
}

const remove = async ({ subject, removable }: Voyage): Promise<Readonly<Record<string, number>>> => {
  const name = removable.pop() ?? ''
  return { rmi: await timed(() => removeImage(subject.client, name)) }
}

const measure = async (bench: Bench, family: ImageFamily): Promise<readonly Measurement[]> => {
  await using registries = await openRegistries(bench)
  const voyages = bench.subjects.map((subject) => ({
    name: subject.name,
    subject,
    removable: [] as string[],
    peaks: [] as number[],
    round: 0,
  }))
  const rounds = Math.min(bench.rounds, 3)
  const moved = await interleave({ ...bench, rounds }, voyages, (voyage) => sail(voyage, family, registries))
  // Those that are left go with the engine's data.
  const removed = await interleave({ ...bench, rounds }, voyages, remove)
  const peaks = new Map(voyages.map(({ name, peaks }) => [name, peaks.slice(1)]))
  return [...moved, ...removed, { metric: 'largest memory of the daemon', unit: 'MiB', samples: peaks }]
}

export const imageMany: Benchmark = {
  name: 'image-many',
  about:
    'an image of 30,000 files (142 MB, 58 MB compressed) in one layer, moved through the API; registry on loopback',
  quick: false,
  run: async (bench) => measure(bench, await openMany()),
}

export const imageBig: Benchmark = {
  name: 'image-big',
  about: 'an image of 1 GB in ten layers of few files, half of it incompressible; registry on loopback',
  quick: false,
  run: async (bench) => measure(bench, await openBig()),
}
