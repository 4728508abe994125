import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isOffline } from './offline.js'
import { step } from './progress.js'
import { lastWords, run, SetupError } from './run.js'

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean, os?: string[], cpu?: string[], libc?: string[] }} Locked
 *   one package of package-lock.json
 */

/** @param {string} path */
const packagesIn = async (path) => {
  const lock = JSON.parse(await readFile(path, 'utf8'))
  return /** @type {Record<string, Locked>} */ (lock.packages)
}

/** Whether npm installs a package on a machine of this kind. Debian's C library is glibc.
 * @param {Locked} locked @param {string} arch
 */
const isForMachine = ({ os, cpu, libc }, arch) =>
  (os?.includes('linux') ?? true) && (cpu?.includes(arch) ?? true) && (libc?.includes('glibc') ?? true)

/** The packages that should be there, in their version, and aren't.
 * @param {Record<string, Locked>} wanted @param {Record<string, Locked>} present @param {string} arch
 */
export const missingPackages = (wanted, present, arch) =>
  Object.entries(wanted)
    .filter(([path, locked]) => path.startsWith('node_modules/') && !locked.link && isForMachine(locked, arch))
    .filter(([path, { version }]) => present[path]?.version !== version)
    .map(([path]) => path.slice('node_modules/'.length))

/** npm writes `node_modules/.package-lock.json` last: an installation that was interrupted counts as none.
 * @param {string} root
 */
const missingIn = async (root) => {
  const wanted = await packagesIn(join(root, 'package-lock.json'))
  const present = await packagesIn(join(root, 'node_modules/.package-lock.json')).catch(() => ({}))
  return missingPackages(wanted, present, process.arch)
}

/** An npm that outlives us would work on the same folder as the next one.
 * @param {string} root @param {(line: string) => void} say
 */
const npmCi = (root, say) =>
  run(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'],
      // npm waits for more than a minute otherwise before it says that there is no network.
      ...['--fetch-retries=3', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=4000'],
    ],
    { cwd: root, onLine: (line) => say(line.replace(/^npm http (fetch|cache) (GET \d+ )?/, '')) },
  )

/**
 * Installs the npm packages, unless they are there. None of them needs an install script.
 * @param {string} root
 */
export const installNpmPackages = async (root) => {
  if ((await missingIn(root)).length === 0) return
  await step('npm packages', async (say) => {
    await npmCi(root, say).catch((error) => {
      const words = lastWords(error)
      throw isOffline(words)
        ? new SetupError('The npm registry cannot be reached: check the network, and run this again.')
        : new SetupError('npm could not install the packages:', words)
    })
    // npm calls it a success when a package that is optional could not be fetched.
    const missing = await missingIn(root)
    if (missing.length > 0) throw new SetupError(`npm left out ${missing.join(', ')}: does its registry have them?`)
  })
}
