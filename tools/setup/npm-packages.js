import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { step } from './progress.js'
import { run, SetupError } from './run.js'

/** @param {string} path */
const versionsIn = async (path) => {
  const lock = JSON.parse(await readFile(path, 'utf8'))
  return /** @type {Record<string, { version?: string, optional?: boolean, link?: boolean }>} */ (lock.packages)
}

/** True when what lies in node_modules is what package-lock.json asks for.
 * @param {string} root
 */
const isInstalled = async (root) => {
  try {
    const [wanted, present] = await Promise.all([
      versionsIn(join(root, 'package-lock.json')),
      versionsIn(join(root, 'node_modules/.package-lock.json')),
    ])
    return Object.entries(wanted).every(
      ([path, { version, optional, link }]) =>
        !path.startsWith('node_modules/') || link || optional || present[path]?.version === version,
    )
  } catch {
    return false
  }
}

/**
 * Installs the npm packages, unless they are there. None of them needs an install script.
 * @param {string} root
 */
export const installNpmPackages = async (root) => {
  if (await isInstalled(root)) return
  await step('npm packages', async (say) => {
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', args, { cwd: root, onLine: say }).catch((error) => {
      throw new SetupError(`npm could not install the packages (is the npm registry reachable?): ${error.message}`)
    })
  })
}
