import { access, mkdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { debianMirror } from './private-apt.js'
import { step } from './progress.js'
import { lastWords, run, SetupError } from './run.js'

/**
 * Programs of Debian's newest packages, with all that they depend on, in a folder of their own that becomes their root: `name`
 * of the folder, `program` in it.
 * @typedef {{ name: string, packages: readonly string[], program: string }} DebianRoot
 */

/** Links that a Debian has from its installer, and a folder of unpacked packages hasn't. */
const merged = ['bin', 'sbin', 'lib', 'lib64']

/** @param {DebianRoot} wanted @param {string} own @param {(line: string) => void} say */
const unpack = async ({ name, packages }, own, say) => {
  const partial = join(own, `${name}.partial`)
  await rm(partial, { recursive: true, force: true })
  const options = [
    '--variant=extract',
    `--include=${packages.join(',')}`,
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
  ]
  try {
    await run('mmdebstrap', [...options, 'sid', partial, await debianMirror()], { onLine: say })
    for (const name of merged) await symlink(join('usr', name), join(partial, name))
  } catch (error) {
    throw new SetupError(`The tests need ${name}, of Debian’s newest packages:`, lastWords(error))
  }
  await rename(partial, join(own, name))
}

/**
 * Makes sure that they are there.
 * @param {DebianRoot} wanted
 * @param {string} own  our own folder of programs
 */
export const installRoot = async (wanted, own) => {
  const there = await access(join(own, wanted.name, wanted.program)).then(
    () => true,
    () => false,
  )
  if (there) return
  await mkdir(own, { recursive: true })
  await step(wanted.name, (say) => unpack(wanted, own, say))
}
