import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSpec, formatSpec, readHostFacts } from '@slipway/runtime'
import { unpackInto } from '@slipway/store'
import { busyboxFiles } from '../images/small.ts'
import { type Bench, type Benchmark, interleave, timed } from '../measure.ts'
import { peersDirectory } from '../peers/root.ts'
import { run } from '../run.ts'

/** A bundle with the spec that our engine gives a container of default options, but for its network: a new, empty one. */
const makeBundle = async (directory: string): Promise<void> => {
  const rootfs = join(directory, 'rootfs')
  await mkdir(rootfs)
  await unpackInto(rootfs, '/', busyboxFiles())
  const spec = buildSpec({
    id: 'limit',
    rootfs: { path: rootfs, readonly: false },
    args: ['true'],
    env: [],
    user: { uid: 0, gid: 0 },
    terminal: false,
    namespaces: {},
    host: readHostFacts(),
    cgroupParent: '/slipway-bench',
  })
  await writeFile(join(directory, 'config.json'), formatSpec(spec))
}

const peersRuntimes = (inside: NonNullable<Bench['inside']>) =>
  ['runc', 'crun'].map((program) => ({ name: `${program} of the peers`, command: inside.command([program]) }))

export const limits: Benchmark = {
  name: 'limits',
  about: 'OCI runtimes alone, the same root file system and seccomp profile: what no engine over them can go below',
  quick: true,
  async run(bench: Bench) {
    const directory = await mkdtemp(join(bench.inside === undefined ? tmpdir() : peersDirectory, 'limit-'))
    try {
      await makeBundle(directory)
      const runtimes = [
        { name: 'runc', command: ['runc'] },
        ...(bench.inside === undefined ? [] : peersRuntimes(bench.inside)),
      ]
      let count = 0
      return await interleave(bench, runtimes, async ({ command }) => {
        count += 1
        const id = `slipway-bench-${process.pid}-${count}`
        const args = ['--root', join(directory, 'state'), 'run', '--bundle', directory, id]
        return { 'run of `true`': await timed(() => run([...command, ...args])) }
      })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
}
