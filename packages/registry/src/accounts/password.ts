import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { compare } from 'bcryptjs'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

export interface ScryptCost {
  /** Binary logarithm of N. */
  readonly ln: number
  readonly r: number
  readonly p: number
}

/** One of OWASP's choices for scrypt: 32 MiB and three passes, about a fifth of a second on a small core. */
const defaultCost: ScryptCost = { ln: 15, r: 8, p: 3 }
const saltBytes = 16
const keyBytes = 32
const memoryLimit = 128 << 20

const encodedPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/

const hashWith = (password: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> =>
  // NFKC: the same password typed on another keyboard may come as other code points.
  derive(password.normalize('NFKC'), salt, keyBytes, { N: 2 ** ln, r, p, maxmem: memoryLimit })

/** `$scrypt$ln=15,r=8,p=3$<salt>$<key>`: says itself how to check it, so that the cost can rise later. */
export const hashPassword = async (password: string, cost = defaultCost): Promise<string> => {
  const salt = randomBytes(saltBytes)
  const key = await hashWith(password, salt, cost)
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`
}

/** bcrypt, as `htpasswd -B` writes it. Above cost 14 a check would take seconds, of which a stranger may ask for many. */
const bcryptPattern = /^\$2[aby]\$(?:0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/

/** Made elsewhere, and taken over. */
export const isForeignHash = (encoded: string): boolean => bcryptPattern.test(encoded)

export const verifyPassword = async (password: string, encoded: string): Promise<boolean> => {
  if (isForeignHash(encoded)) return compare(password, encoded)
  const parts = encodedPattern.exec(encoded)
  if (parts === null) return false
  const [, ln, r, p, salt = '', key = ''] = parts
  const expected = Buffer.from(key, 'base64url')
  const actual = await hashWith(password, Buffer.from(salt, 'base64url'), {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
  })
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

let nobody: Promise<string> | undefined

/** Takes as long as a real check, so that the time doesn't tell which accounts there are. */
export const verifyNothing = async (password: string): Promise<false> => {
  nobody ??= hashPassword(randomBytes(saltBytes).toString('hex'))
  await verifyPassword(password, await nobody)
  return false
}
