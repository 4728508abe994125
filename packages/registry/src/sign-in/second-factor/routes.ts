import {
  HubSecondFactor,
  RecoveryCodes,
  SecondFactorCode,
  SecondFactorProof,
  SecondFactorRule,
  SecondFactorSecret,
  SecondFactorStart,
} from '@slipway/client/hub'
import { type ApiRoute, route } from '../../api/route.ts'
import { manager, owner } from '../../api/who.ts'
import {
  deleteSecondFactor,
  getSecondFactor,
  postRecoveryCodes,
  postSecondFactor,
  putRule,
  putSecondFactor,
} from './handlers.ts'
import { resetSecondFactor } from './records.ts'

const path = '/api/v1/second-factor'

export const secondFactorRoutes: readonly ApiRoute[] = [
  route('GET', path, {
    id: 'readSecondFactor',
    summary: 'Whether one’s own account has a second factor, and must have one',
    who: owner,
    answer: HubSecondFactor,
    handle: getSecondFactor,
  }),
  route('POST', path, {
    id: 'beginSecondFactor',
    summary: 'A secret for an app on a phone, told this once; it is worth nothing before it is confirmed',
    who: owner,
    body: SecondFactorStart,
    largestBody: 8192,
    status: 201,
    answer: SecondFactorSecret,
    handle: postSecondFactor,
  }),
  route('PUT', path, {
    id: 'confirmSecondFactor',
    summary: 'With a code that the app shows: from now on each sign-in asks for one. Tells recovery codes, this once',
    who: owner,
    body: SecondFactorCode,
    answer: RecoveryCodes,
    handle: putSecondFactor,
  }),
  route('DELETE', path, {
    id: 'dropSecondFactor',
    summary: 'Takes one’s own second factor away, with a code of it unless the sign-in that asked for one was just now',
    who: owner,
    body: SecondFactorProof,
    handle: deleteSecondFactor,
  }),
  route('POST', `${path}/recovery-codes`, {
    id: 'renewRecoveryCodes',
    summary: 'New recovery codes in place of the old, told this once',
    who: owner,
    body: SecondFactorProof,
    status: 201,
    answer: RecoveryCodes,
    handle: postRecoveryCodes,
  }),
  route('PUT', '/api/v1/accounts/{account}/second-factor', {
    id: 'requireSecondFactor',
    summary: 'Whether the account must have a second factor',
    who: manager,
    body: SecondFactorRule,
    handle: putRule,
  }),
  route('DELETE', '/api/v1/accounts/{account}/second-factor', {
    id: 'resetSecondFactor',
    summary: 'Takes the second factor away from who has lost it; all sessions end',
    who: manager,
    deed: 'second-factor.reset',
    handle: ({ params }, { database }) =>
      database.transaction((sql) => resetSecondFactor(sql, params['account'] ?? '')),
  }),
]
