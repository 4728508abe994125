import { randomBytes } from 'node:crypto'
import { link, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrno, SlipwayError, type Sql } from '@slipway/core'
import { ensureSecret } from '../metadata/secrets.ts'

const keyBytes = 32

const readKey = async (path: string): Promise<Buffer | undefined> => {
  try {
    const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64url')
    if (key.length !== keyBytes)
      throw new SlipwayError('internal', `${path} holds no token key: remove it for a new one`)
    return key
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Complete or not there: two processes that start at once end up with the same key. */
const makeKey = async (path: string): Promise<void> => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(keyBytes).toString('base64url')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(temporary, path)
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error
  } finally {
    await unlink(temporary)
  }
}

/** The secret that signs tokens (HS256), kept in the data root for nobody but its owner to read. Made at the first start. */
export const loadTokenKey = async (dataRoot: string): Promise<Uint8Array> => {
  const path = join(dataRoot, 'token-key')
  const known = await readKey(path)
  if (known) return known
  await makeKey(path)
  const made = await readKey(path)
  if (made === undefined) throw new SlipwayError('internal', `${path} can't be read back`)
  return made
}

/** The same secret, for processes that share a database and no data root: kept in the database. */
export const loadSharedTokenKey = (sql: Sql): Promise<Uint8Array> =>
  ensureSecret(sql, 'token-key', randomBytes(keyBytes))
