import { conflict, invalid, type SlipwayError, type Sql } from '@slipway/core'
import type { Grant } from '../../access/pattern.ts'
import { hashPassword } from '../../accounts/password.ts'
import { checkNewPassword } from '../../accounts/password-rules.ts'
import { addHashedAccount, hasAccounts } from '../../accounts/records.ts'
import { ociError } from '../../distribution/oci-error.ts'
import { isProjectName } from '../../projects/name.ts'
import { isNameFree } from '../../projects/records.ts'
import type { Registry } from '../../registry.ts'
import { isInvitation, redeemInvitation } from './invitations.ts'

/** Names that would make others believe something. */
const reserved: ReadonlySet<string> = new Set(
  'admin administrator root system registry hub slipway docker library official support security robot anonymous api v1 v2'.split(
    ' ',
  ),
)

/** An account's name is also that of a project of its own. Throws invalid. */
export const checkNewName = (name: string): void => {
  if (name.length < 2 || name.length > 64 || !isProjectName(name)) {
    throw invalid('take a name of 2 to 64 lower-case letters and digits, with . _ - between them')
  }
  if (reserved.has(name)) throw conflict(`the name ${name} is taken`)
}

/** Whether nobody has it: no account, however it is written, and no project or repository. */
const checkFree = async (sql: Sql, name: string): Promise<void> => {
  const accounts = await sql`SELECT 1 FROM account WHERE lower(name) = ${name}`
  if (accounts.length > 0 || !(await isNameFree(sql, name))) throw conflict(`the name ${name} is taken`)
}

export interface SignUpWish {
  readonly name: string
  readonly password: string
  /** '' for none. */
  readonly invitation: string
}

const forbidden = (message: string): SlipwayError => ociError('DENIED', { message })

const notInvited = (): SlipwayError => forbidden('this invitation is not valid, or no longer: ask for another')

/** What there is to say before a password is hashed, which takes its time. */
const checkMay = async ({ database: { sql }, signIn }: Registry, { invitation }: SignUpWish): Promise<void> => {
  const { signUp } = signIn.settings
  if (signUp === 'off') throw forbidden('this registry takes no sign-ups: ask who manages it for an account')
  if (!(await hasAccounts(sql))) throw forbidden('the first account is made with: slipway registry user add')
  if (invitation === '' && signUp === 'open') return
  if (!(await isInvitation(sql, invitation))) {
    throw invitation === ''
      ? forbidden('to sign up here takes an invitation: ask who manages the registry')
      : notInvited()
  }
}

/**
 * Makes an account for who asks. It may do what its invitation grants, and has the project of its own name, which its first push
 * makes. Throws forbidden, invalid, or conflict.
 */
export const signUp = async (registry: Registry, wish: SignUpWish): Promise<void> => {
  const { name, password, invitation } = wish
  await checkMay(registry, wish)
  checkNewName(name)
  checkNewPassword(password, name)
  await checkFree(registry.database.sql, name)
  const hash = await hashPassword(password)
  await registry.database.transaction(async (sql) => {
    let grants: readonly Grant[] = []
    if (invitation !== '') {
      const granted = await redeemInvitation(sql, invitation)
      if (granted === undefined) throw notInvited()
      grants = granted
    }
    await checkFree(sql, name)
    await addHashedAccount(sql, name, hash, grants)
  })
}
