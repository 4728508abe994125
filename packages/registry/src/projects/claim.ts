import { hasCode, type Identity, type Sql } from '@slipway/core'
import type { Registry } from '../registry.ts'
import { isProjectName, projectOf } from './name.ts'
import { addProject, isNameFree } from './records.ts'

/** Whether this repository would be in a project of the account's own name, which nobody has made yet. */
export const isOwnToMake = async (sql: Sql, who: Identity, repository: string): Promise<boolean> =>
  who.kind === 'user' &&
  projectOf(repository) === who.name &&
  isProjectName(who.name) &&
  (await isNameFree(sql, who.name))

/**
 * Each person may have a project of their own name: the first push into it makes it. Costs a look only where both names are
 * the same.
 */
export const claimOwnProject = async (
  { database, settings }: Pick<Registry, 'database' | 'settings'>,
  who: Identity,
  repository: string,
): Promise<void> => {
  if (projectOf(repository) !== who.name) return
  try {
    await database.transaction(async (sql) => {
      if (!(await isOwnToMake(sql, who, repository))) return
      const { visibility, projectQuota: quota } = settings
      const own = { name: who.name, description: '', visibility, quota, by: who.name }
      await addProject(sql, own, { over: false })
    })
  } catch (error) {
    // Clients push several layers at once: another request was quicker.
    if (!hasCode(error, 'already-exists')) throw error
  }
}
