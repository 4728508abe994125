import { readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildClient, openBuildClient } from '../builds/client.ts'
import { bigFiles, manyFiles, writeFiles, writeRuns, writeTenSteps } from '../builds/contexts.ts'
import type { Subject } from '../engines/subject.ts'
import { type Bench, type Benchmark, interleave, type Measurement } from '../measure.ts'

type Figures = Readonly<Record<string, number>>

/** docker's CLI builds with our engine and dockerd; podman has another builder, and no BuildKit. */
const measure = async (
  bench: Bench,
  prepare: (client: BuildClient) => Promise<(subject: Subject) => Promise<Figures>>,
): Promise<readonly Measurement[]> => {
  await using client = await openBuildClient()
  const take = await prepare(client)
  return await interleave(
    bench,
    bench.subjects.filter(({ name }) => name !== 'podman'),
    take,
  )
}

const anew = ['--no-cache']
const fewRuns = 2
const manyRuns = 12

export const buildRun: Benchmark = {
  name: 'build-run',
  about: 'one RUN step that does nothing, by buildx: what each of ten more of them adds to a build',
  quick: true,
  run: (bench) =>
    measure(bench, async (client) => {
      const [few, many] = [join(client.directory, 'few'), join(client.directory, 'many')]
      await writeRuns(few, fewRuns)
      await writeRuns(many, manyRuns)
      const step = async (subject: Subject, flags: readonly string[]): Promise<number> => {
        const less = await client.build(subject, few, { flags: [...anew, ...flags] })
        const more = await client.build(subject, many, { flags: [...anew, ...flags] })
        return (more - less) / (manyRuns - fewRuns)
      }
      return async (subject) => ({
        'bridge network': await step(subject, []),
        'no network': await step(subject, ['--network=none']),
      })
    }),
}

export const buildSteps: Benchmark = {
  name: 'build-steps',
  about: 'a build of ten steps (four RUN, three COPY) by docker build, with buildx and through the classic door',
  quick: true,
  run: (bench) =>
    measure(bench, async ({ directory, build }) => {
      const context = join(directory, 'ten')
      await writeTenSteps(context)
      let count = 0
      const change = (): Promise<void> => writeFile(join(context, 'last.txt'), `last ${process.pid} ${++count}`)
      return async (subject) => {
        const figures: Record<string, number> = {}
        for (const door of ['buildx', 'classic'] as const) {
          await change()
          figures[`${door}: cold`] = await build(subject, context, { door, flags: anew })
          figures[`${door}: everything cached`] = await build(subject, context, { door })
          await change()
          figures[`${door}: last step changed`] = await build(subject, context, { door })
        }
        return figures
      }
    }),
}

const copyAll = 'FROM busybox\nCOPY . /context/\n'

export const buildMany: Benchmark = {
  name: 'build-many',
  about: 'COPY of 30,000 files (130 MB) by docker build with buildx; the context is where the client is',
  quick: false,
  run: (bench) =>
    measure({ ...bench, rounds: Math.min(bench.rounds, 3) }, async ({ directory, build }) => {
      const context = join(directory, 'context')
      await writeFiles(context, manyFiles())
      await writeFile(join(context, 'Dockerfile'), copyAll)
      let count = 0
      return async (subject) => {
        const cold = await build(subject, context, { flags: anew })
        const unchanged = await build(subject, context)
        await writeFile(join(context, 'changed'), `${process.pid} ${++count}`)
        return { cold, unchanged, 'one file changed': await build(subject, context) }
      }
    }),
}

/** Every file looks changed: clients send it once more. */
const touchAll = async (directory: string): Promise<void> => {
  const now = new Date()
  for (const entry of await readdir(directory, { recursive: true })) {
    const path = join(directory, entry)
    if ((await stat(path)).isFile()) await utimes(path, now, now)
  }
}

export const buildBig: Benchmark = {
  name: 'build-big',
  about: 'COPY of 500 MB in 255 files by docker build with buildx; the context is where the client is',
  quick: false,
  run: (bench) =>
    measure({ ...bench, rounds: Math.min(bench.rounds, 3) }, async ({ directory, build }) => {
      const context = join(directory, 'context')
      await writeFiles(context, bigFiles())
      await writeFile(join(context, 'Dockerfile'), copyAll)
      return async (subject) => {
        await touchAll(context)
        const sent = await build(subject, context, { flags: anew })
        const cold = await build(subject, context, { flags: anew })
        return {
          'cold, all of it sent': sent,
          'cold, the daemon has it': cold,
          unchanged: await build(subject, context),
        }
      }
    }),
}
