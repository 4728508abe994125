import type { Authorizer, Database } from '@slipway/core'
import { isGranted, isGrantedEverywhere } from '../accounts/grants.ts'
import { hasAccounts } from '../accounts/records.ts'
import { isPublic, type Visibility } from './visibility.ts'

export interface AccessPolicy {
  /** While there are no accounts at all, everyone may do everything: for a registry that only this machine can reach. */
  readonly openWithoutAccounts: boolean
  /** Of repositories that nobody has made one or the other. */
  readonly visibility: Visibility
}

/**
 * Who may do what: everyone pulls from public repositories, accounts do what they were granted, and on the registry itself
 * what they were granted on everything. Of a repository that isn't there strangers learn no more than of one they may not read.
 */
export const createAuthorizer = ({ sql }: Pick<Database, 'sql'>, policy: AccessPolicy): Authorizer => ({
  allows: async (who, action, on) => {
    const isRepository = on.kind === 'repository'
    if (isRepository && action === 'pull' && (await isPublic(sql, on.name, policy.visibility))) return true
    if (who.kind !== 'anonymous') {
      const granted = isRepository
        ? await isGranted(sql, who.name, action, on.name)
        : await isGrantedEverywhere(sql, who.name, action)
      if (granted) return true
    }
    return policy.openWithoutAccounts && !(await hasAccounts(sql))
  },
})
