import {
  AccountList,
  GrantChoice,
  NewAccount,
  NewGrant,
  OneTimePassword,
  PageQuery,
  PasswordChange,
} from '@slipway/client/hub'
import { type ApiRoute, route } from '../api/route.ts'
import { manager, signedIn } from '../api/who.ts'
import {
  deleteAccount,
  deleteDisabled,
  deleteGrant,
  getAccounts,
  postAccount,
  postOneTimePassword,
  putDisabled,
  putGrant,
  putPassword,
} from './accounts.ts'

export const accountRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/accounts', {
    id: 'listAccounts',
    summary: 'Accounts and robots, by name, with what they may do',
    who: manager,
    query: PageQuery,
    answer: AccountList,
    handle: getAccounts,
  }),
  route('POST', '/api/v1/accounts', {
    id: 'addAccount',
    summary: 'Makes an account, or, without a password, a robot',
    who: manager,
    body: NewAccount,
    status: 201,
    handle: postAccount,
  }),
  route('DELETE', '/api/v1/accounts/{account}', {
    id: 'removeAccount',
    summary: 'Removes an account, its tokens and its stars',
    who: manager,
    deed: 'account.remove',
    handle: deleteAccount,
  }),
  route('PUT', '/api/v1/accounts/{account}/disabled', {
    id: 'disableAccount',
    summary: 'It may do nothing any more, until it is enabled again',
    who: manager,
    deed: 'account.disable',
    handle: putDisabled,
  }),
  route('DELETE', '/api/v1/accounts/{account}/disabled', {
    id: 'enableAccount',
    summary: 'It may again what it might before',
    who: manager,
    deed: 'account.enable',
    handle: deleteDisabled,
  }),
  route('POST', '/api/v1/accounts/{account}/one-time-password', {
    id: 'resetPassword',
    summary: 'A password for one sign-in, for who has lost theirs; it is told this once',
    who: manager,
    deed: 'account.one-time-password',
    status: 201,
    answer: OneTimePassword,
    handle: postOneTimePassword,
  }),
  route('PUT', '/api/v1/accounts/{account}/grants', {
    id: 'grant',
    summary: 'Says what an account may do to the repositories that a pattern names',
    who: manager,
    body: NewGrant,
    handle: putGrant,
  }),
  route('DELETE', '/api/v1/accounts/{account}/grants', {
    id: 'revoke',
    summary: 'Takes a grant away',
    who: manager,
    query: GrantChoice,
    handle: deleteGrant,
  }),
  route('PUT', '/api/v1/password', {
    id: 'changePassword',
    summary: 'Changes one’s own password; all sessions end',
    who: signedIn,
    body: PasswordChange,
    handle: putPassword,
  }),
]
