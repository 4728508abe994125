import type { Action, Authorizer, Database, Resource, Sql } from '@slipway/core'
import { isGranted, isGrantedEverywhere } from '../accounts/grants.ts'
import { hasAccounts } from '../accounts/records.ts'
import { isOwnToMake } from '../projects/claim.ts'
import { isPublic, isPublicProject, type Visibility } from './visibility.ts'

export interface AccessPolicy {
  /** While there are no accounts at all, everyone may do everything: for a registry that only this machine can reach. */
  readonly openWithoutAccounts: boolean
  /** Of repositories that nobody has made one or the other. */
  readonly visibility: Visibility
}

const isOpen = async (sql: Sql, { kind, name }: Resource, fallback: Visibility): Promise<boolean> => {
  if (kind === 'repository') return isPublic(sql, name, fallback)
  return kind === 'project' && isPublicProject(sql, name)
}

/**
 * What is granted for all of a project (`team/**`) is granted for the project: it stands for the name before its repositories'.
 */
const hasRight = (sql: Sql, account: string, action: Action, { kind, name }: Resource): Promise<boolean> =>
  kind === 'system'
    ? isGrantedEverywhere(sql, account, action)
    : isGranted(sql, account, action, kind === 'project' ? `${name}/` : name)

/**
 * Who may do what: everyone pulls from public repositories, accounts do what they were granted, or what they are members for,
 * and on the registry itself what they were granted on everything. Of a repository that isn't there strangers learn no more than
 * of one they may not read.
 */
export const createAuthorizer = ({ sql }: Pick<Database, 'sql'>, policy: AccessPolicy): Authorizer => ({
  allows: async (who, action, on) => {
    if (action === 'pull' && (await isOpen(sql, on, policy.visibility))) return true
    if (who.kind !== 'anonymous') {
      if (await hasRight(sql, who.name, action, on)) return true
      // A push at the same moment may make it: then it is a right by now.
      const isOwn = on.kind === 'repository' && on.name.startsWith(`${who.name}/`)
      if (isOwn && ((await isOwnToMake(sql, who, on.name)) || (await hasRight(sql, who.name, action, on)))) return true
    }
    return policy.openWithoutAccounts && !(await hasAccounts(sql))
  },
})
