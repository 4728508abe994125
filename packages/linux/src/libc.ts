import { getSystemErrorMap } from 'node:util'
import koffi from 'koffi'

/** A path, as text or, where names may be other than UTF-8, as bytes. */
export type PathLike = string | Uint8Array

/** For paths that are to be looked up from the current directory. */
export const AT_FDCWD = -100
export const AT_SYMLINK_NOFOLLOW = 0x100
export const AT_EMPTY_PATH = 0x1000
export const AT_RECURSIVE = 0x8000

const self = koffi.load(null)

type Call<Arguments extends readonly unknown[]> = (...args: Arguments) => number
const int = <Arguments extends readonly unknown[]>(name: string, ...parameters: string[]): Call<Arguments> =>
  self.func(name, 'int', parameters)
const long = <Arguments extends readonly unknown[]>(name: string, ...parameters: string[]): Call<Arguments> =>
  self.func(name, 'long', parameters)

type Text = string | Uint8Array
type TextOrNull = Text | null

/**
 * The C library, already in the process. Give texts through `cString()`, and results to `check()` at once: errno lasts
 * only until the next call.
 */
export const libc = {
  mount: int<[TextOrNull, Text, TextOrNull, number, TextOrNull]>(
    'mount',
    'const char *',
    'const char *',
    'const char *',
    'ulong',
    'const char *',
  ),
  umount2: int<[Text, number]>('umount2', 'const char *', 'int'),
  statx: int<[number, Text, number, number, Uint8Array]>('statx', 'int', 'const char *', 'int', 'uint', 'void *'),
  mknod: int<[Text, number, number | bigint]>('mknod', 'const char *', 'uint', 'uint64_t'),
  mkfifo: int<[Text, number]>('mkfifo', 'const char *', 'uint'),
  utimensat: int<[number, Text, Uint8Array, number]>('utimensat', 'int', 'const char *', 'const void *', 'int'),
  lsetxattr: int<[Text, Text, Uint8Array, number, number]>(
    'lsetxattr',
    'const char *',
    'const char *',
    'const void *',
    'size_t',
    'int',
  ),
  lgetxattr: long<[Text, Text, Uint8Array, number]>('lgetxattr', 'const char *', 'const char *', 'void *', 'size_t'),
  llistxattr: long<[Text, Uint8Array, number]>('llistxattr', 'const char *', 'void *', 'size_t'),
  lremovexattr: int<[Text, Text]>('lremovexattr', 'const char *', 'const char *'),
  flock: int<[number, number]>('flock', 'int', 'int'),
  syncfs: int<[number]>('syncfs', 'int'),
  unshare: int<[number]>('unshare', 'int'),
  setns: int<[number, number]>('setns', 'int', 'int'),
  getrlimit: int<[number, Uint8Array]>('getrlimit', 'int', 'void *'),
  socket: int<[number, number, number]>('socket', 'int', 'int', 'int'),
  setsockopt: int<[number, number, number, Uint8Array, number]>(
    'setsockopt',
    'int',
    'int',
    'int',
    'const void *',
    'uint',
  ),
  connect: int<[number, Uint8Array, number]>('connect', 'int', 'const void *', 'uint'),
  send: long<[number, Uint8Array, number, number]>('send', 'int', 'const void *', 'size_t', 'int'),
  recv: long<[number, Uint8Array, number, number]>('recv', 'int', 'void *', 'size_t', 'int'),
} as const

const syscall = <Arguments extends readonly unknown[]>(number: number, ...parameters: string[]): Call<Arguments> => {
  const call: Call<readonly [number, ...Arguments]> = self.func('syscall', 'long', ['long', ...parameters])
  return (...args) => call(number, ...args)
}

/** Calls newer than many a C library. Since Linux 5.1 a new call has one number on every architecture. */
export const kernel = {
  openTree: syscall<[number, Text, number]>(428, 'int', 'const char *', 'uint'),
  moveMount: syscall<[number, Text, number, Text, number]>(429, 'int', 'const char *', 'int', 'const char *', 'uint'),
  fsopen: syscall<[Text, number]>(430, 'const char *', 'uint'),
  fsconfig: syscall<[number, number, TextOrNull, TextOrNull, number]>(
    431,
    'int',
    'uint',
    'const char *',
    'const char *',
    'int',
  ),
  fsmount: syscall<[number, number, number]>(432, 'int', 'uint', 'uint'),
  openat2: syscall<[number, Text, Uint8Array, number]>(437, 'int', 'const char *', 'const void *', 'size_t'),
  mountSetattr: syscall<[number, Text, number, Uint8Array, number]>(
    442,
    'int',
    'const char *',
    'uint',
    'const void *',
    'size_t',
  ),
} as const

/** Makes text fit for a call. Throws ERR_INVALID_ARG_VALUE on a NUL byte, as Node does: C would stop reading there. */
export const cString = (text: PathLike): Text => {
  if (typeof text === 'string' ? text.includes('\0') : text.includes(0)) {
    throw Object.assign(new TypeError('a path or name must not hold NUL bytes'), { code: 'ERR_INVALID_ARG_VALUE' })
  }
  return typeof text === 'string' ? text : Buffer.concat([text, Buffer.of(0)])
}

const libuvErrors = getSystemErrorMap()
/** For the few that libuv doesn't know, such as ENOTBLK. */
const namesByNumber = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]))

/** `EEXIST` for 17, by the names that Node uses. */
export const errnoName = (errno: number): string =>
  libuvErrors.get(-errno)?.[0] ?? namesByNumber.get(errno) ?? `E${errno}`

/** The errno of the call just made, if it failed. */
export const lastErrno = (): number => koffi.errno()

/** True when the call just made failed in one of these ways: `failedWith(result, 'ENOENT')`. */
export const failedWith = (result: number, ...names: readonly string[]): boolean =>
  result < 0 && names.includes(errnoName(koffi.errno()))

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

/** Hands a result through, or throws what errno says. */
export const check = (result: number, syscall: string, path?: PathLike): number => {
  if (result >= 0) return result
  throw systemError(lastErrno(), syscall, path)
}
