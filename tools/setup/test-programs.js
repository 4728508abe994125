import { installRoot } from './debian-root.js'
import { dockerClients } from './docker-clients.js'
import { installPostgresql } from './postgresql.js'
import { registryClients } from './registry-clients.js'
import { s3Servers } from './s3-servers.js'
import { installSidPrograms } from './sid-programs.js'
import { installSlapd } from './slapd.js'
import { installSystemPackages } from './system-packages.js'

/** What the tests use besides the engine's programs. */
const programs = [
  { program: 'iptables', package: 'iptables' },
  { program: 'curl', package: 'curl' },
  { program: 'bzip2', package: 'bzip2' },
  { program: 'xz', package: 'xz-utils' },
  { program: 'skopeo', package: 'skopeo' },
  { program: 'podman', package: 'podman' },
  { program: 'buildah', package: 'buildah' },
  { program: 'umoci', package: 'umoci', unpack: true },
  // To install it would start it.
  { program: 'docker-registry', package: 'docker-registry', unpack: true },
  { program: 'fsck.erofs', package: 'erofs-utils' },
  { program: 'chromium', package: 'chromium' },
  // Only started by its test, in namespaces of its own.
  { program: 'systemctl', package: 'systemd' },
]

/**
 * Makes sure that everything is there which the tests need besides the engine's programs.
 * @param {string} own  our own folder of programs
 */
export const installTestPrograms = async (own) => {
  await installSystemPackages(programs, own)
  await installSidPrograms([...dockerClients, ...registryClients], own)
  await installPostgresql(own)
  await installSlapd(own)
  for (const server of s3Servers) await installRoot(server, own)
}
