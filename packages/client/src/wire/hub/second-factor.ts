import { Type } from '@sinclair/typebox'
import { about, count, type Of, wish } from './schema.ts'

/** One's own. */
export const HubSecondFactor = Type.Object({
  isOn: Type.Boolean(),
  isRequired: about("It can't be left away", Type.Boolean()),
  recoveryCodes: about('How many are left', count),
})
export type HubSecondFactor = Of<typeof HubSecondFactor>

/** What an app needs to know; told this once. */
export const SecondFactorSecret = Type.Object({
  secret: Type.String({ description: 'base 32, to be typed' }),
  uri: Type.String({ description: 'the same for a QR code: `otpauth://totp/…`' }),
})
export type SecondFactorSecret = Of<typeof SecondFactorSecret>

export const SecondFactorStart = wish({ password: Type.String() })
export type SecondFactorStart = Of<typeof SecondFactorStart>

export const SecondFactorCode = wish({
  code: Type.String({ maxLength: 64, description: 'six digits that the app shows, or a recovery code' }),
})
export type SecondFactorCode = Of<typeof SecondFactorCode>

/** Of who has signed in with a code in the last five minutes no other is asked. */
export const SecondFactorProof = wish({ code: Type.Optional(SecondFactorCode.properties.code) })
export type SecondFactorProof = Of<typeof SecondFactorProof>

/** Each is good once, in place of the app; told this once. */
export const RecoveryCodes = Type.Object({ recoveryCodes: Type.Array(Type.String()) })
export type RecoveryCodes = Of<typeof RecoveryCodes>

export const SecondFactorRule = wish({ required: Type.Boolean() })
export type SecondFactorRule = Of<typeof SecondFactorRule>
