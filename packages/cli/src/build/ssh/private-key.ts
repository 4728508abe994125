import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { WireReader, wireInteger, wireString } from './wire.ts'

/** A key that an agent signs with. */
export interface SshKey {
  /** As peers know it. */
  readonly publicKey: Buffer
  readonly comment: string
  /** `flags`: which hash an RSA signature is to have (RFC 8332). */
  sign(data: Uint8Array, flags: number): Buffer
}

const curves: Readonly<Record<string, { readonly ssh: string; readonly hash: string }>> = {
  'P-256': { ssh: 'nistp256', hash: 'sha256' },
  'P-384': { ssh: 'nistp384', hash: 'sha384' },
  'P-521': { ssh: 'nistp521', hash: 'sha512' },
}

const fromBase64 = (text = ''): Buffer => Buffer.from(text, 'base64url')
const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

const ed25519Key = (key: KeyObject, { x }: JsonWebKey, comment: string): SshKey => ({
  publicKey: Buffer.concat([wireString('ssh-ed25519'), wireString(fromBase64(x))]),
  comment,
  sign: (data) => Buffer.concat([wireString('ssh-ed25519'), wireString(sign(null, data, key))]),
})

const rsaHashes: readonly (readonly [flag: number, name: string, hash: string])[] = [
  [4, 'rsa-sha2-512', 'sha512'],
  [2, 'rsa-sha2-256', 'sha256'],
  [0, 'ssh-rsa', 'sha1'],
]

const rsaKey = (key: KeyObject, { n, e }: JsonWebKey, comment: string): SshKey => ({
  publicKey: Buffer.concat([wireString('ssh-rsa'), wireInteger(fromBase64(e)), wireInteger(fromBase64(n))]),
  comment,
  sign(data, flags) {
    const [, name, hash] = rsaHashes.find(([flag]) => (flags & flag) !== 0) ?? [0, 'ssh-rsa', 'sha1']
    return Buffer.concat([wireString(name), wireString(sign(hash, data, key))])
  },
})

const ecdsaKey = (key: KeyObject, { crv = '', x, y }: JsonWebKey, comment: string): SshKey => {
  const curve = curves[crv]
  if (curve === undefined) throw new Error(`ssh: unsupported curve ${crv}`)
  const name = `ecdsa-sha2-${curve.ssh}`
  const point = Buffer.concat([Buffer.from([4]), fromBase64(x), fromBase64(y)])
  return {
    publicKey: Buffer.concat([wireString(name), wireString(curve.ssh), wireString(point)]),
    comment,
    sign(data) {
      const signature = sign(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' })
      const half = signature.length / 2
      const pair = Buffer.concat([wireInteger(signature.subarray(0, half)), wireInteger(signature.subarray(half))])
      return Buffer.concat([wireString(name), wireString(pair)])
    },
  }
}

const keyOf = (key: KeyObject, comment: string): SshKey => {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  if (jwk.kty === 'RSA') return rsaKey(key, jwk, comment)
  if (jwk.kty === 'EC') return ecdsaKey(key, jwk, comment)
  if (jwk.crv === 'Ed25519') return ed25519Key(key, jwk, comment)
  throw new Error(`ssh: unsupported key type ${jwk.crv ?? jwk.kty}`)
}

/** What Node wants to know of an RSA key besides what OpenSSH keeps. */
const rsaExponents = (d: Buffer, p: Buffer, q: Buffer): { readonly dp: string; readonly dq: string } => {
  const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)
  const bytes = (value: bigint): string => {
    const hex = value.toString(16)
    return toBase64(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
  }
  return { dp: bytes(number(d) % (number(p) - 1n)), dq: bytes(number(d) % (number(q) - 1n)) }
}

const withoutZeros = (bytes: Buffer): string => toBase64(bytes[0] === 0 ? bytes.subarray(1) : bytes)

/** The fields of each type, one after the other (openssh's PROTOCOL.key). */
const openSshTypes: Readonly<Record<string, (fields: WireReader) => JsonWebKey>> = {
  'ssh-ed25519': (fields) => {
    const x = fields.string()
    return { kty: 'OKP', crv: 'Ed25519', x: toBase64(x), d: toBase64(fields.string().subarray(0, 32)) }
  },
  'ssh-rsa': (fields) => {
    const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => fields.string()) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ]
    const plain = { n: withoutZeros(n), e: withoutZeros(e), d: withoutZeros(d), qi: withoutZeros(qi) }
    return { kty: 'RSA', ...plain, p: withoutZeros(p), q: withoutZeros(q), ...rsaExponents(d, p, q) }
  },
}

const ecdsaFields = (fields: WireReader): JsonWebKey => {
  const name = fields.text()
  const [crv = '', curve] = Object.entries(curves).find(([, { ssh }]) => ssh === name) ?? []
  if (curve === undefined) throw new Error(`ssh: unsupported curve ${name}`)
  const point = fields.string().subarray(1)
  const half = point.length / 2
  const d = fields.string()
  const padded = Buffer.concat([Buffer.alloc(half), d[0] === 0 ? d.subarray(1) : d]).subarray(-half)
  return {
    kty: 'EC',
    crv,
    x: toBase64(point.subarray(0, half)),
    y: toBase64(point.subarray(half)),
    d: toBase64(padded),
  }
}

const magic = 'openssh-key-v1\0'

const readOpenSsh = (body: Buffer): SshKey => {
  if (body.subarray(0, magic.length).toString('latin1') !== magic)
    throw new Error('ssh: invalid openssh private key format')
  const outer = new WireReader(body.subarray(magic.length))
  const cipher = outer.text()
  if (cipher !== 'none') throw new Error('ssh: this private key is passphrase protected')
  outer.string()
  outer.string()
  if (outer.number() !== 1) throw new Error('ssh: multi-key files are not supported')
  outer.string()
  const fields = new WireReader(outer.string())
  const check = fields.number()
  if (fields.number() !== check) throw new Error('ssh: malformed OpenSSH key')
  const type = fields.text()
  const read = type.startsWith('ecdsa-sha2-') ? ecdsaFields : openSshTypes[type]
  if (read === undefined) throw new Error(`ssh: unhandled key type ${type}`)
  const jwk = read(fields)
  return keyOf(createPrivateKey({ key: jwk, format: 'jwk' }), fields.string().toString())
}

/**
 * A private key without a passphrase: OpenSSH's format, or PEM (PKCS #1, PKCS #8, SEC 1). Throws an Error, which never tells it.
 */
export const readKey = (file: Uint8Array): SshKey => {
  const text = Buffer.from(file).toString('latin1')
  const [, label = '', body = ''] = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/.exec(text) ?? []
  if (label === '') throw new Error('ssh: no key found')
  if (label === 'OPENSSH PRIVATE KEY') return readOpenSsh(Buffer.from(body, 'base64'))
  if (/ENCRYPTED/.test(label) || /Proc-Type:.*ENCRYPTED/.test(body)) {
    throw new Error('ssh: this private key is passphrase protected')
  }
  return keyOf(createPrivateKey(text), '')
}
