import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16

/**
 * Encrypts under the registry's own key what must be read again later, and can't be a digest (AES-256-GCM, a key for each purpose
 * by HKDF). What was sealed for one purpose opens for no other.
 */
export interface Seal {
  readonly close: (purpose: string, bytes: Uint8Array) => string
  /** Undefined: it wasn't sealed with this key, for this purpose, or was changed. */
  readonly open: (purpose: string, text: string) => Buffer | undefined
}

export const createSeal = (key: Uint8Array): Seal => {
  const keyFor = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `slipway seal: ${purpose}`, 32))
  return {
    close: (purpose, bytes) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', keyFor(purpose), nonce)
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },
    open: (purpose, text) => {
      const sealed = Buffer.from(text, 'base64url')
      if (sealed.length < nonceBytes + tagBytes) return undefined
      const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose), sealed.subarray(0, nonceBytes))
      decipher.setAuthTag(sealed.subarray(-tagBytes))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
      } catch {
        return undefined
      }
    },
  }
}
