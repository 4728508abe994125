import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { hasErrno, SlipwayError } from '@slipway/core'

/** 32 bytes as base64url. */
const pattern = /^[A-Za-z0-9_-]{43}$/

const readKey = async (path: string): Promise<string | undefined> => {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    if (pattern.test(text)) return text
    throw new SlipwayError('invalid', `${path} holds no key: remove it, and a new one is made`)
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * The secret that opens the dashboard, kept in a file that only its owner reads, so that a link goes on working after a
 * restart. Whoever removes the file and restarts makes all older links worthless.
 */
export const ensureKey = async (path: string): Promise<string> => {
  const present = await readKey(path)
  if (present !== undefined) return present
  const key = randomBytes(32).toString('base64url')
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(`${key}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  return key
}
