import { getSystemErrorMap } from 'node:util'
import koffi from 'koffi'

/** A path, as text or, where names may be other than UTF-8, as bytes. */
export type PathLike = string | Uint8Array

/** For paths that are to be looked up from the current directory. */
export const AT_FDCWD = -100
export const AT_SYMLINK_NOFOLLOW = 0x100
export const AT_EMPTY_PATH = 0x1000
export const AT_RECURSIVE = 0x8000

const library = koffi.load(null)

type Text = string | Uint8Array
type TextOrNull = Text | null

/** A function by its prototype in C. */
const bind = <Arguments extends readonly unknown[]>(prototype: string): ((...args: Arguments) => number) =>
  library.func(prototype)

const send = library.func('long send(int fd, const void *bytes, size_t length, int flags)')

/**
 * The C library, already in the process. Give texts through `cString()`, and results to `check()` at once: errno lasts
 * only until the next call.
 */
export const libc = {
  mount: bind<[TextOrNull, Text, TextOrNull, number, TextOrNull]>(
    'int mount(const char *source, const char *target, const char *type, ulong flags, const char *data)',
  ),
  umount2: bind<[Text, number]>('int umount2(const char *target, int flags)'),
  statx: bind<[number, Text, number, number, Uint8Array]>(
    'int statx(int directory, const char *path, int flags, uint mask, void *status)',
  ),
  mknod: bind<[Text, number, number | bigint]>('int mknod(const char *path, uint mode, uint64_t device)'),
  mkfifo: bind<[Text, number]>('int mkfifo(const char *path, uint mode)'),
  utimensat: bind<[number, Text, Uint8Array, number]>(
    'int utimensat(int directory, const char *path, const void *times, int flags)',
  ),
  lsetxattr: bind<[Text, Text, Uint8Array, number, number]>(
    'int lsetxattr(const char *path, const char *name, const void *value, size_t length, int flags)',
  ),
  lgetxattr: bind<[Text, Text, Uint8Array, number]>(
    'long lgetxattr(const char *path, const char *name, void *value, size_t length)',
  ),
  llistxattr: bind<[Text, Uint8Array, number]>('long llistxattr(const char *path, void *names, size_t length)'),
  lremovexattr: bind<[Text, Text]>('int lremovexattr(const char *path, const char *name)'),
  flock: bind<[number, number]>('int flock(int fd, int operation)'),
  syncfs: bind<[number]>('int syncfs(int fd)'),
  unshare: bind<[number]>('int unshare(int flags)'),
  setns: bind<[number, number]>('int setns(int fd, int kind)'),
  getrlimit: bind<[number, Uint8Array]>('int getrlimit(int resource, void *limits)'),
  socket: bind<[number, number, number]>('int socket(int family, int kind, int protocol)'),
  setsockopt: bind<[number, number, number, Uint8Array, number]>(
    'int setsockopt(int fd, int level, int name, const void *value, uint length)',
  ),
  connect: bind<[number, Uint8Array, number]>('int connect(int fd, const void *address, uint length)'),
  send: send as (fd: number, bytes: Uint8Array, length: number, flags: number) => number,
  recv: bind<[number, Uint8Array, number, number]>('long recv(int fd, void *bytes, size_t length, int flags)'),
} as const

const bindSyscall = <Arguments extends readonly unknown[]>(number: number, parameters: string) => {
  const call = bind<readonly [number, ...Arguments]>(`long syscall(long number, ${parameters})`)
  return (...args: Arguments): number => call(number, ...args)
}

/** Calls newer than many a C library. Since Linux 5.1 a new call has one number on every architecture. */
export const kernel = {
  openTree: bindSyscall<[number, Text, number]>(428, 'int directory, const char *path, uint flags'),
  moveMount: bindSyscall<[number, Text, number, Text, number]>(
    429,
    'int from, const char *from_path, int to, const char *to_path, uint flags',
  ),
  fsopen: bindSyscall<[Text, number]>(430, 'const char *type, uint flags'),
  fsconfig: bindSyscall<[number, number, TextOrNull, TextOrNull, number]>(
    431,
    'int context, uint command, const char *key, const char *value, int extra',
  ),
  fsmount: bindSyscall<[number, number, number]>(432, 'int context, uint flags, uint attributes'),
  openat2: bindSyscall<[number, Text, Uint8Array, number]>(
    437,
    'int directory, const char *path, const void *how, size_t length',
  ),
  mountSetattr: bindSyscall<[number, Text, number, Uint8Array, number]>(
    442,
    'int directory, const char *path, uint flags, const void *change, size_t length',
  ),
} as const

/** send(2) on one of libuv's pool threads: the bytes sent, or less than 0 with an errno that is lost there. */
export const sendAside = (fd: number, bytes: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => {
    const settle = (error: Error | null, result: number) => (error === null ? resolve(result) : reject(error))
    send.async(fd, bytes, bytes.length, 0, settle)
  })

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
