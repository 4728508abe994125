import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from './run.js'

/** The first Node that has all we need: running TypeScript, and `shouldUpgradeCallback` of its HTTP server. */
const oldest = [24, 9]

/** @param {string} version */
const isNewEnough = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return (
    major > /** @type {number} */ (oldest[0]) || (major === oldest[0] && minor >= /** @type {number} */ (oldest[1]))
  )
}

/**
 * The Node that runs the product: this one if it is new enough, else the one that came with the npm packages.
 * @param {string} root
 */
export const nodeRuntime = async (root) => {
  if (isNewEnough(process.versions.node)) return process.execPath
  const path = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node')
  await access(path).catch(() => {
    throw new SetupError(
      `Node ${oldest.join('.')} or newer is needed, and ${path} is missing: remove node_modules and start again.`,
    )
  })
  return path
}
