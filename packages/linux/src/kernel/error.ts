import { getSystemErrorMap } from 'node:util'
import koffi from 'koffi'
import type { PathLike } from './calls.ts'

const libuvErrors = getSystemErrorMap()
/** For the few that libuv doesn't know, such as ENOTBLK. */
const namesByNumber = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]))

/** `EEXIST` for 17, by the names that Node uses. */
export const errnoName = (errno: number): string =>
  libuvErrors.get(-errno)?.[0] ?? namesByNumber.get(errno) ?? `E${errno}`

const readable = (path: PathLike): string => (typeof path === 'string' ? path : Buffer.from(path).toString())

/**
 * An error with the shape of Node's own: `code` (`EEXIST`), `errno` (negative), `syscall`, `path`, and a message that
 * says all of it. `reason` is what the kernel itself says beyond the number.
 */
export const systemError = (
  errno: number,
  syscall: string,
  path?: PathLike,
  reason?: string,
): NodeJS.ErrnoException => {
  const code = errnoName(errno)
  const words = libuvErrors.get(-errno)?.[1]
  const message = `${code}: ${words === undefined ? '' : `${words}, `}${syscall}`
  const where = path === undefined ? '' : ` '${readable(path)}'`
  return Object.assign(new Error(`${message}${where}${reason === undefined ? '' : `: ${reason}`}`), {
    code,
    errno: -errno,
    syscall,
    ...(path === undefined ? {} : { path: readable(path) }),
  })
}

/** True when a call answered with one of these errors: `failedWith(result, 'ENOENT')`. */
export const failedWith = (result: number, ...names: readonly string[]): boolean =>
  result < 0 && names.includes(errnoName(-result))

/** Hands a result through, or throws the error that it is. */
export const check = (result: number, syscall: string, path?: PathLike): number => {
  if (result >= 0) return result
  throw systemError(-result, syscall, path)
}
