import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { updateLists } from './apt.js'
import { step } from './progress.js'
import { run, SetupError } from './run.js'
import { unpackServer } from './server-package.js'

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

/** @param {string} own @param {(line: string) => void} say */
const unpack = async (own, say) => {
  await updateLists(say)
  const newest = /Depends: (postgresql-\d+)/.exec(await run('apt-cache', ['depends', 'postgresql']))?.[1]
  if (newest === undefined) throw new SetupError('Debian has no package postgresql here.')
  await unpackServer({ package: newest, folder: 'postgresql' }, own, say)
}

/**
 * Makes sure that a PostgreSQL server is there for the tests, which start it themselves.
 * @param {string} own  our own folder of programs
 */
export const installPostgresql = async (own) => {
  if ((await isIn('/')) || (await isIn(join(own, 'postgresql')))) return
  await mkdir(own, { recursive: true })
  await step('postgresql', (say) => unpack(own, say))
}
