import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { aptGet, install, updateLists } from './apt.js'
import { step } from './progress.js'
import { run, SetupError } from './run.js'

/** Where Debian's packages put it, each version into a folder of its own. */
const place = 'usr/lib/postgresql'

/** @param {string} root */
const isIn = async (root) => {
  const versions = await readdir(join(root, place)).catch(() => [])
  for (const version of versions) {
    if ((await readdir(join(root, place, version, 'bin')).catch(() => [])).includes('initdb')) return true
  }
  return false
}

/** The libraries among what a package depends on: `libpq5 (>= 14), locales | locales-all, …`.
 * @param {string} depends
 */
export const librariesOf = (depends) =>
  depends
    .split(',')
    .map((one) => one.trim().split(/[ :|(]/)[0] ?? '')
    .filter((name) => name.startsWith('lib'))

/** @param {string} own @param {(line: string) => void} say */
const unpack = async (own, say) => {
  await updateLists(say)
  const newest = /Depends: (postgresql-\d+)/.exec(await run('apt-cache', ['depends', 'postgresql']))?.[1]
  if (newest === undefined) throw new SetupError('Debian has no package postgresql here.')
  const scratch = await mkdtemp(join(own, '.unpack-'))
  try {
    await aptGet(['-o', 'APT::Sandbox::User=root', 'download', newest], { cwd: scratch, say })
    const archive = (await readdir(scratch)).find((name) => name.endsWith('.deb')) ?? ''
    await install(librariesOf(await run('dpkg-deb', ['-f', archive, 'Depends'], { cwd: scratch })), say)
    await run('dpkg-deb', ['-x', archive, 'root'], { cwd: scratch })
    await rename(join(scratch, 'root'), join(own, 'postgresql'))
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * Makes sure that a PostgreSQL server is there for the tests, which start it themselves. To install the package would make a
 * server that runs for ever: only its libraries are installed, and the programs unpacked.
 * @param {string} own  our own folder of programs
 */
export const installPostgresql = async (own) => {
  if ((await isIn('/')) || (await isIn(join(own, 'postgresql')))) return
  await mkdir(own, { recursive: true })
  await step('postgresql', (say) => unpack(own, say))
}
