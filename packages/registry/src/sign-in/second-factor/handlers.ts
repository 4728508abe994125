import type { ServerResponse } from 'node:http'
import type {
  HubSecondFactor,
  RecoveryCodes,
  SecondFactorCode,
  SecondFactorProof,
  SecondFactorRule,
  SecondFactorSecret,
  SecondFactorStart,
} from '@slipway/client/hub'
import { accountOf, checkLogin } from '../../access/caller.ts'
import { type Account, findActiveAccount } from '../../accounts/records.ts'
import type { Asked } from '../../api/route.ts'
import { noteDeed } from '../../audit/note.ts'
import { ociError } from '../../distribution/oci-error.ts'
import { sessionSecretOf, setHeaders } from '../../hub/cookie.ts'
import { enter } from '../../hub/enter.ts'
import { hasJustShownCode } from '../../hub/sessions.ts'
import type { Registry } from '../../registry.ts'
import { checkCode, checkSecondFactor } from './ask.ts'
import { beginSecondFactor, confirmSecondFactor, dropSecondFactor, requireSecondFactor } from './records.ts'
import { countRecoveryCodes, makeRecoveryCodes } from './recovery-codes.ts'
import { base32, keyUri } from './totp.ts'

type Shown = Asked<{ readonly body: SecondFactorCode }>
type Proven = Asked<{ readonly body: SecondFactorProof }>

const untold = { 'Cache-Control': 'no-store' }

const accountHere = async ({ caller }: Asked, { database: { sql } }: Registry): Promise<Account> => {
  const account = await findActiveAccount(sql, caller.identity.name)
  if (account === undefined) throw ociError('UNAUTHORIZED')
  return account
}

export const getSecondFactor = async (asked: Asked, registry: Registry): Promise<HubSecondFactor> => {
  const { name, hasSecondFactor, secondFactorRequired } = await accountHere(asked, registry)
  return {
    isOn: hasSecondFactor,
    isRequired: secondFactorRequired || registry.signIn.settings.requireSecondFactor,
    recoveryCodes: await countRecoveryCodes(registry.database.sql, name),
  }
}

export const postSecondFactor = async (
  asked: Asked<{ readonly body: SecondFactorStart }>,
  registry: Registry,
  response: ServerResponse,
): Promise<SecondFactorSecret> => {
  const { name } = await accountHere(asked, registry)
  const { token } = await checkLogin(asked, registry, { user: name, password: asked.body.password })
  if (token !== undefined) throw ociError('DENIED')
  const secret = await beginSecondFactor(registry.database.sql, registry.signIn.seal, name)
  setHeaders(response, untold)
  return { secret: base32(secret), uri: keyUri(secret, name, asked.raw.headers.host ?? 'Slipway') }
}

/** All browsers are signed out, and this one is signed in again. */
export const putSecondFactor = async (
  asked: Shown,
  registry: Registry,
  response: ServerResponse,
): Promise<RecoveryCodes> => {
  const { name } = await accountHere(asked, registry)
  const { database, signIn } = registry
  let made: readonly string[] | undefined
  await checkCode(asked, registry, name, async () => {
    made = await database.transaction((sql) => confirmSecondFactor(sql, signIn.seal, name, asked.body.code.trim()))
    return made !== undefined
  })
  noteDeed(registry, asked, name, { action: 'second-factor.on', subject: name })
  setHeaders(response, { ...untold, ...(await enter(asked, registry, name, { showedCode: true })) })
  return { recoveryCodes: made ?? [] }
}

/** The account that asks, which has a second factor, and shows a code of it, or did so a moment ago to sign in. */
const withCode = async (asked: Proven, registry: Registry): Promise<string> => {
  const { name, hasSecondFactor } = await accountHere(asked, registry)
  if (!hasSecondFactor) throw ociError('NOT_FOUND', { message: 'this account has no second factor' })
  const { code = '' } = asked.body
  const secret = sessionSecretOf(asked.raw)
  const isFresh = code === '' && secret !== undefined && (await hasJustShownCode(registry.database.sql, secret))
  if (!isFresh) await checkSecondFactor(asked, registry, name, code)
  return name
}

export const deleteSecondFactor = async (asked: Proven, registry: Registry): Promise<void> => {
  const name = await withCode(asked, registry)
  await registry.database.transaction((sql) => dropSecondFactor(sql, name))
  noteDeed(registry, asked, name, { action: 'second-factor.off', subject: name })
}

export const postRecoveryCodes = async (
  asked: Proven,
  registry: Registry,
  response: ServerResponse,
): Promise<RecoveryCodes> => {
  const name = await withCode(asked, registry)
  setHeaders(response, untold)
  return { recoveryCodes: await registry.database.transaction((sql) => makeRecoveryCodes(sql, name)) }
}

export const putRule = async (asked: Asked<{ readonly body: SecondFactorRule }>, registry: Registry): Promise<void> => {
  const [name, { required }] = [asked.params['account'] ?? '', asked.body]
  await requireSecondFactor(registry.database.sql, name, required)
  const action = required ? 'second-factor.require' : 'second-factor.allow'
  noteDeed(registry, asked, accountOf(asked.caller), { action, subject: name })
}
