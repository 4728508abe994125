import type { Authorizer, Database } from '@slipway/core'
import { hasAccounts } from '../accounts/records.ts'

/**
 * Who may do what, as long as there are no projects: everyone pulls everything, accounts push and delete anywhere, and
 * while there are no accounts at all everyone may do that, if `openWithoutAccounts` (a registry that only this machine
 * can reach).
 */
export const createAuthorizer = (
  database: Database,
  options: { readonly openWithoutAccounts: boolean },
): Authorizer => ({
  allows: async (who, action, on) => {
    if (who.kind !== 'anonymous') return true
    if (action === 'pull' && on.kind !== 'project') return true
    return options.openWithoutAccounts && !(await hasAccounts(database.sql))
  },
})
