import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '@slipway/core'
import { type Bench, type Benchmark, interleave, type Measurement, timed } from '../measure.ts'
import { type Contender, type Contenders, openContenders } from '../registries/contenders.ts'
import { copy, openGibibyte, upload } from '../registries/gibibyte.ts'
import { underLoad, unitsWith } from '../registries/load.ts'
import { connect, pushBlob } from '../registries/push.ts'

const repository = 'bench/push'
const atOnce = 32
const blobs = 160
const mebibyte = 1 << 20

/** Blobs a second that are acknowledged. */
const pushMany = async ({ host, pid }: Contender): Promise<Readonly<Record<string, number>>> => {
  const contents = Array.from({ length: blobs }, () => {
    const bytes = randomBytes(mebibyte)
    return { bytes, digest: digestOf(bytes) }
  })
  using to = connect(host, atOnce)
  const pushSome = async (): Promise<void> => {
    for (let next = contents.pop(); next; next = contents.pop()) {
      await pushBlob(to, repository, next.bytes, next.digest)
    }
  }
  return underLoad(pid, `blobs of 1 MiB, ${atOnce} at once`, async () => {
    const took = await timed(() => Promise.all(Array.from({ length: atOnce }, pushSome)))
    return blobs / (took / 1000)
  })
}

interface Pusher {
  readonly name: string
  push(): Promise<Readonly<Record<string, number>>>
}

const big = 'blob of 1 GiB'

const measureBig = async (bench: Bench, { registries, directory }: Contenders): Promise<readonly Measurement[]> => {
  const file = await openGibibyte(join(directory, 'gibibyte'))
  const pushers = registries.map(
    ({ name, host, pid }): Pusher => ({
      name,
      async push() {
        const digest = await file.change()
        using to = connect(host, 1)
        return await underLoad(pid, big, () => upload(to, repository, file.path, digest))
      },
    }),
  )
  const disk: Pusher = {
    name: 'dd conv=fsync',
    async push() {
      const target = join(directory, 'copy')
      const rate = await copy(file.path, target)
      await rm(target)
      return { [big]: rate }
    },
  }
  return interleave(bench, [...pushers, disk], ({ push }) => push(), unitsWith('MB/s'))
}

export const registryPush: Benchmark = {
  name: 'registry-push',
  about: `blobs of 1 MiB, ${atOnce} at once, and one of 1 GiB (curl), each a new one, until all are acknowledged; \`node:http\`, which hashes and syncs into files without a registry, and dd are the limits. Of rates, more is better`,
  quick: false,
  async run(bench: Bench) {
    // Each round brings 3 GiB, which stay until the end: deleting spoils what the file system does next.
    const rounds = { ...bench, rounds: Math.min(bench.rounds, 3) }
    await using contenders = await openContenders(bench)
    const many = await interleave(rounds, contenders.registries, pushMany, unitsWith('blobs/s'))
    return [...many, ...(await measureBig(rounds, contenders))]
  },
}
