import { randomBytes } from 'node:crypto'
import type { Sql } from '@slipway/core'
import { addAccount, changePassword } from './records.ts'

/** 96 bits: nobody guesses it, and a person can still type it. */
const makePassword = (): string => randomBytes(12).toString('base64url')

/** Makes an account that may do everything; returns a password that is good for one sign-in, in which another is chosen. */
export const addManager = async (sql: Sql, name: string): Promise<string> => {
  const password = makePassword()
  await addAccount(sql, name, password, { mustChange: true })
  return password
}

/** For who has lost the password: another one, for one sign-in. All sessions end. Throws not-found. */
export const giveOneTimePassword = async (sql: Sql, name: string): Promise<string> => {
  const password = makePassword()
  await changePassword(sql, name, password, { forOneSignIn: true })
  return password
}
