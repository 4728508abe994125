import { createHmac, timingSafeEqual } from 'node:crypto'

const stepMs = 30_000
const digits = 6
/** Clocks differ, and people type slowly: the code before and the one after are good too (RFC 6238, section 5.2). */
const drift = 1

/** As many bits as SHA-1's output, as RFC 4226 asks for (section 4, R6). */
export const secretBytes = 20

export const counterAt = (now: number): number => Math.floor(now / stepMs)

/** The code of a step (RFC 4226, section 5.3), with SHA-1 and six digits: what every app on a phone knows. */
export const codeAt = (secret: Uint8Array, counter: number): string => {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac('sha1', secret).update(message).digest()
  const offset = (mac.at(-1) ?? 0) & 0xf
  const number = mac.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

/** The step that a code is of, among those that are good now; undefined: it is of none. */
export const counterOfCode = (secret: Uint8Array, code: string, now: number): number | undefined => {
  if (!/^\d{6}$/.test(code)) return undefined
  const newest = counterAt(now) + drift
  const steps = Array.from({ length: 2 * drift + 1 }, (_, back) => newest - back).filter((counter) => counter >= 0)
  return steps.find((counter) => timingSafeEqual(Buffer.from(codeAt(secret, counter)), Buffer.from(code)))
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Base 32 without padding (RFC 4648, section 6). */
export const base32 = (bytes: Uint8Array): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** What the QR code says: an app reads it, and shows codes for this account of this registry. */
export const keyUri = (secret: Uint8Array, account: string, issuer: string): string => {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`
}
