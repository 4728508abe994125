import { type Bench, type Benchmark, interleave, timed } from '../measure.ts'
import { run } from '../run.ts'

const args = ['run', '--rm', 'busybox', 'true']

export const runCli: Benchmark = {
  name: 'run-cli',
  about: '`run --rm busybox true` on the command line, with the docker CLI and with each engine’s own',
  quick: true,
  async run(bench: Bench) {
    const hasDocker = await run(['docker', '--version']).then(
      () => true,
      () => false,
    )
    if (!hasDocker) bench.say('no docker CLI in PATH: only own clients')
    return interleave(bench, bench.subjects, async ({ daemon, ownCli }) => ({
      ...(hasDocker ? { 'docker run --rm': await timed(() => run(['docker', '-H', daemon.host, ...args])) } : {}),
      ...(ownCli ? { 'own client run --rm': await timed(() => run(ownCli(args))) } : {}),
    }))
  },
}
