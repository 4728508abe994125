import { readFile } from 'node:fs/promises'
import { SetupError } from './run.js'

/**
 * @typedef {{ platform: string, arch: string, node: string, release: string }} Machine
 *   release: the text of /etc/os-release, empty when there is none
 */

/** @param {string} release @param {string} key */
const field = (release, key) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(release)?.[1]

const oldestDebian = 12
const oldestNode = 20

/** Why nothing of this can work on a machine, in one sentence; undefined: it can.
 * @param {Machine} machine
 */
export const refusal = ({ platform, arch, node, release }) => {
  if (platform !== 'linux')
    return `Slipway needs Linux, and this is ${platform}: containers are a feature of its kernel.`
  if (arch !== 'x64' && arch !== 'arm64') return `Slipway runs on x64 and arm64, and this is ${arch}.`
  if (Number(node.split('.')[0]) < oldestNode) return `Node ${oldestNode} or newer is needed, and this is ${node}.`
  const families = `${field(release, 'ID') ?? ''} ${field(release, 'ID_LIKE') ?? ''}`.split(' ')
  const name = field(release, 'PRETTY_NAME') ?? 'a system without /etc/os-release'
  // The unstable Debian has no number, and derivatives count in their own way.
  const version = Number(field(release, 'VERSION_ID') ?? oldestDebian)
  if (!families.includes('debian') || (families[0] === 'debian' && version < oldestDebian)) {
    return `Slipway sets itself up on Debian ${oldestDebian} or newer and its derivatives, and this is ${name}.`
  }
  return undefined
}

/** Refuses the machines on which nothing of this can work. */
export const checkMachine = async () => {
  const { platform, arch, versions } = process
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const reason = refusal({ platform, arch, node: versions.node, release })
  if (reason !== undefined) throw new SetupError(reason)
}

/** What makes containers needs root. */
export const checkRoot = () => {
  if (process.getuid?.() !== 0) {
    throw new SetupError('This needs root, since only root can make containers: run it again with sudo.')
  }
}
