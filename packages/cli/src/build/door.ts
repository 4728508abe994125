import { Exit } from '../exit.ts'
import type { BuildFlags } from './flags.ts'

/** What only BuildKit's door has. */
const beyond = [
  'allow',
  'annotation',
  'attest',
  'build-context',
  'cache-to',
  'call',
  'check',
  'load',
  'metadata-file',
  'no-cache-filter',
  'output',
  'provenance',
  'push',
  'sbom',
  'secret',
  'ssh',
] as const satisfies readonly (keyof BuildFlags)[]

/** What only the classic door has: limits of a step. */
const classicOnly = [
  'cpu-period',
  'cpu-quota',
  'cpu-shares',
  'cpuset-cpus',
  'cpuset-mems',
  'memory',
  'memory-swap',
] as const satisfies readonly (keyof BuildFlags)[]

/** Whether a build must go through the classic door. Throws Exit when it names something that isn't there. */
export const needsClassic = (given: ReadonlySet<string>, hasBuildKit: boolean): boolean => {
  const wanted = classicOnly.find((name) => given.has(name))
  const missing = beyond.find((name) => given.has(name))
  if (wanted !== undefined && missing !== undefined) {
    throw new Exit(1, `ERROR: --${wanted} and --${missing} cannot be used together`)
  }
  if (hasBuildKit) return wanted !== undefined
  if (missing !== undefined) {
    throw new Exit(
      1,
      `ERROR: --${missing} needs BuildKit, which this engine does not offer or DOCKER_BUILDKIT turns off`,
    )
  }
  return true
}
