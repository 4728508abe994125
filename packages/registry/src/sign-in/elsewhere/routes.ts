import { IdentityList } from '@slipway/client/hub'
import { invalid } from '@slipway/core'
import { findActiveAccount } from '../../accounts/records.ts'
import { type ApiRoute, route } from '../../api/route.ts'
import { owner } from '../../api/who.ts'
import { listIdentities, unlinkIdentity } from './identities.ts'

export const identityRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/identities', {
    id: 'listIdentities',
    summary: 'Who one is elsewhere: the identities that are linked to one’s account',
    who: owner,
    answer: IdentityList,
    handle: async ({ caller }, { database: { sql } }) => ({
      identities: await listIdentities(sql, caller.identity.name),
    }),
  }),
  route('DELETE', '/api/v1/identities/{id}', {
    id: 'unlinkIdentity',
    summary: 'Unlinks an identity, where there is a password to sign in with',
    who: owner,
    deed: 'identity.unlink',
    handle: async ({ caller, params }, { database: { sql } }) => {
      const account = await findActiveAccount(sql, caller.identity.name)
      if (account?.origin !== 'local') throw invalid('without it, nobody could sign in to this account')
      await unlinkIdentity(sql, caller.identity.name, params['id'] ?? '')
    },
  }),
]
