import { installDockerClients } from './docker-clients.js'
import { installSystemPackages } from './system-packages.js'

/** What the tests use besides the engine's programs. */
const programs = [
  { program: 'iptables', package: 'iptables' },
  { program: 'curl', package: 'curl' },
  { program: 'bzip2', package: 'bzip2' },
  { program: 'xz', package: 'xz-utils' },
  { program: 'skopeo', package: 'skopeo' },
]

/**
 * Makes sure that everything is there which the tests need besides the engine's programs.
 * @param {string} own  our own folder of programs
 */
export const installTestPrograms = async (own) => {
  await installSystemPackages(programs, own)
  await installDockerClients(own)
}
