import { join } from 'node:path'
import type { Digest } from '@slipway/core'
import { type Bench, type Benchmark, interleave, type Measurement } from '../measure.ts'
import { forgetPeak, peakMemory } from '../memory.ts'
import { type Contenders, openContenders } from '../registries/contenders.ts'
import { download, openGibibyte, upload } from '../registries/gibibyte.ts'
import { underLoad, unitsWith } from '../registries/load.ts'
import { connect, pushSmallImage } from '../registries/push.ts'
import { connections, requestRate } from '../registries/wrk.ts'

const repository = 'bench/pull'
const memory = 'manifests: largest memory of the server'

const measureManifests = async (bench: Bench, { registries }: Contenders): Promise<readonly Measurement[]> => {
  const digests = new Map<string, Digest>()
  for (const { host } of registries) {
    using to = connect(host, 1)
    digests.set(host, await pushSmallImage(to, repository, 'latest'))
  }
  return interleave(
    bench,
    registries,
    async ({ host, pid }) => {
      const base = `http://${host}/v2/${repository}/manifests`
      await forgetPeak(pid)
      const byTag = await requestRate(`${base}/latest`)
      const byDigest = await requestRate(`${base}/${digests.get(host)}`)
      return { 'manifests by tag': byTag, 'manifests by digest': byDigest, [memory]: await peakMemory(pid) }
    },
    (metric) => (metric === memory ? 'MiB' : 'req/s'),
  )
}

const measureBlob = async (bench: Bench, contenders: Contenders): Promise<readonly Measurement[]> => {
  const file = await openGibibyte(join(contenders.directory, 'gibibyte'))
  const digest = await file.change()
  for (const { host } of contenders.registries) {
    using to = connect(host, 1)
    await upload(to, repository, file.path, digest)
  }
  const limit = await contenders.addFileServer(file.path)
  return interleave(
    bench,
    [...contenders.registries, limit],
    ({ host, pid }) => underLoad(pid, 'blob of 1 GiB', () => download(host, repository, digest)),
    unitsWith('MB/s'),
  )
}

export const registryPull: Benchmark = {
  name: 'registry-pull',
  about: `a manifest of ten layers to ${connections} connections at once (wrk), a blob of 1 GiB to one (curl); \`node:http\` without a registry and nginx with sendfile are the limits. Of rates, more is better`,
  quick: false,
  async run(bench: Bench) {
    await using contenders = await openContenders(bench)
    return [...(await measureManifests(bench, contenders)), ...(await measureBlob(bench, contenders))]
  },
}
