import { readFile } from 'node:fs/promises'
import { SetupError } from './run.js'

/** Refuses, in one sentence each, the machines on which nothing of this can work. */
export const checkMachine = async () => {
  if (process.platform !== 'linux') {
    throw new SetupError(
      `Slipway needs Linux, and this is ${process.platform}: containers are a feature of its kernel.`,
    )
  }
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  if (!/^ID(_LIKE)?=.*debian/m.test(release)) {
    throw new SetupError(
      'Slipway sets itself up on Debian 12 or newer (and its derivatives): /etc/os-release names another system.',
    )
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw new SetupError(`Slipway runs on x64 and arm64, and this is ${process.arch}.`)
  }
}

/** What makes containers needs root. */
export const checkRoot = () => {
  if (process.getuid?.() !== 0) {
    throw new SetupError('This needs root, since only root can make containers: run it again with sudo.')
  }
}
