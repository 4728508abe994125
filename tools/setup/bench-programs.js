import { dockerClients } from './docker-clients.js'
import { installSidPrograms } from './sid-programs.js'
import { installSystemPackages } from './system-packages.js'

/** What the benchmarks use besides the engine's programs. */
const programs = [
  { program: 'curl', package: 'curl' },
  { program: 'wrk', package: 'wrk' },
  // To install it would start it.
  { program: 'nginx', package: 'nginx', unpack: true },
]

/**
 * Makes sure that everything is there which the benchmarks need besides the engine's programs.
 * @param {string} own  our own folder of programs
 */
export const installBenchPrograms = async (own) => {
  await installSystemPackages(programs, own)
  await installSidPrograms(dockerClients, own)
}
