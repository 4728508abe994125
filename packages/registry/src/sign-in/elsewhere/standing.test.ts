import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SlipwayError } from '@slipway/core'
import type { Account } from '../../accounts/records.ts'
import { createStanding } from './standing.ts'

const account = (origin: Account['origin'], confirmedAt: string | null = null): Account => ({
  name: 'mary',
  kind: 'user',
  password: '',
  disabledAt: null,
  mustChange: false,
  origin,
  confirmedAt,
  hasSecondFactor: false,
  secondFactorRequired: false,
})
const minuteMs = 60_000
const now = new Date().toISOString()
const hourAgo = new Date(Date.now() - 60 * minuteMs).toISOString()
const limits = { lookEveryMs: minuteMs, maxAgeMs: minuteMs }
const isAway = () => Promise.reject(new SlipwayError('unavailable', 'away'))

test('a directory is asked once for all who come at once, and its answer is remembered', async () => {
  let asked = 0
  const look = async () => {
    asked += 1
    return asked > 1
  }
  const standing = createStanding({ ...limits, look })
  const answers = await Promise.all([1, 2, 3].map(() => standing(account('ldap', now))))
  assert.equal(new Set(answers).size, 1)
  assert.match(answers[0] ?? '', /doesn’t know this account/)
  assert.equal(await standing(account('ldap', now)), answers[0])
  assert.equal(asked, 1)
})

test('while a directory is away, and with a provider, a sign-in holds for as long as it may be old', async () => {
  const standing = createStanding({ ...limits, look: isAway })
  for (const origin of ['ldap', 'oidc'] as const) {
    assert.equal(await standing(account(origin, now)), undefined)
    assert.match((await standing(account(origin, hourAgo))) ?? '', /too long ago/)
    assert.match((await standing(account(origin))) ?? '', /too long ago/)
  }
  assert.equal(await standing(account('local')), undefined)
  const forEver = createStanding({ ...limits, maxAgeMs: 0, look: undefined })
  assert.equal(await forEver(account('oidc', hourAgo)), undefined)
})
