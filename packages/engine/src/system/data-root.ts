import { constants } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { conflict, hasErrno } from '@slipway/core'
import { lockFile } from '@slipway/linux'

/**
 * Makes the data root, and makes sure that no other engine works on it: the lock lives as long as this process, and ends with it
 * however it ends. Throws conflict.
 */
export const holdDataRoot = async (path: string): Promise<AsyncDisposable> => {
  await mkdir(path, { recursive: true, mode: 0o711 })
  const file = await open(join(path, 'engine.lock'), constants.O_RDWR | constants.O_CREAT, 0o600)
  try {
    lockFile(file.fd)
  } catch (error) {
    await file.close()
    if (hasErrno(error, 'EAGAIN')) throw conflict(`another engine is using the data root ${path}`)
    throw error
  }
  return { [Symbol.asyncDispose]: () => file.close() }
}
