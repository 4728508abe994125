import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { lockFile } from '@slipway/linux'

/** Two benchmarks at once measure each other. Throws when another one runs. */
export const holdBenchLock = (path: string): Disposable => {
  mkdirSync(dirname(path), { recursive: true })
  const fd = openSync(path, 'w', 0o600)
  try {
    lockFile(fd)
  } catch (cause) {
    closeSync(fd)
    throw new Error('another benchmark is running', { cause })
  }
  return { [Symbol.dispose]: () => closeSync(fd) }
}
