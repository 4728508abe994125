import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { updateLists } from './apt.js'
import { step } from './progress.js'
import { unpackServer } from './server-package.js'

/** @param {string} path */
const isThere = (path) =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * Makes sure that an LDAP server is there for the tests, which start it themselves.
 * @param {string} own  our own folder of programs
 */
export const installSlapd = async (own) => {
  if ((await isThere('/usr/sbin/slapd')) || (await isThere(join(own, 'slapd')))) return
  await mkdir(own, { recursive: true })
  await step('slapd', async (say) => {
    await updateLists(say)
    await unpackServer({ package: 'slapd', folder: 'slapd' }, own, say)
  })
}
