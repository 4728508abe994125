import koffi from 'koffi'
import { mapSyscallStub } from './stub.ts'

/** A path, as text or, where names may be other than UTF-8, as bytes. */
export type PathLike = string | Uint8Array

/** What `cString()` makes of one. */
type Text = string | Uint8Array

/** For paths that are to be looked up from the current directory. */
export const AT_FDCWD = -100
export const AT_SYMLINK_NOFOLLOW = 0x100
export const AT_EMPTY_PATH = 0x1000
export const AT_RECURSIVE = 0x8000

/** Makes text fit for a call. Throws ERR_INVALID_ARG_VALUE on a NUL byte, as Node does: the kernel would stop there. */
export const cString = (text: PathLike): Text => {
  if (typeof text === 'string' ? text.includes('\0') : text.includes(0)) {
    throw Object.assign(new TypeError('a path or name must not hold NUL bytes'), { code: 'ERR_INVALID_ARG_VALUE' })
  }
  return typeof text === 'string' ? text : Buffer.concat([text, Buffer.of(0)])
}

const stub = mapSyscallStub()
type Callback = (error: Error | null, result: number) => void

/** What a call's number is on x64, and on arm64. Those newer than Linux 5.1 have one on all architectures. */
type Numbers = readonly [x64: number, arm64: number] | readonly [everywhere: number]

/** A system call, with its parameters as C has them. It returns -errno when it fails: hand that to `check()`. */
const define = <Arguments extends readonly unknown[]>(name: string, numbers: Numbers, parameters: string) => {
  const number = (process.arch === 'arm64' ? numbers[1] : undefined) ?? numbers[0]
  const prototype = koffi.proto(`long syscall_${name}(long number, ${parameters})`)
  const native: {
    (number: number, ...args: Arguments): number
    readonly async: (number: number, ...rest: readonly [...Arguments, Callback]) => void
  } = koffi.decode(stub, prototype)
  const call = (...args: Arguments): number => native(number, ...args)
  /** On one of libuv's pool threads. Buffers must not be touched meanwhile. */
  const aside = (...args: Arguments): Promise<number> =>
    new Promise((resolve, reject) => {
      native.async(number, ...args, (error, result) => (error === null ? resolve(result) : reject(error)))
    })
  return Object.assign(call, { aside })
}

/** The kernel's functions. Give them texts through `cString()`. */
export const kernel = {
  mount: define<[Text, Text, Text, number, Text]>(
    'mount',
    [165, 40],
    'const char *source, const char *target, const char *type, ulong flags, const char *data',
  ),
  umount2: define<[Text, number]>('umount2', [166, 39], 'const char *target, int flags'),
  openTree: define<[number, Text, number]>('open_tree', [428], 'int directory, const char *path, uint flags'),
  moveMount: define<[number, Text, number, Text, number]>(
    'move_mount',
    [429],
    'int from, const char *from_path, int to, const char *to_path, uint flags',
  ),
  mountSetattr: define<[number, Text, number, Uint8Array, number]>(
    'mount_setattr',
    [442],
    'int directory, const char *path, uint flags, const void *change, size_t length',
  ),
  fsopen: define<[Text, number]>('fsopen', [430], 'const char *type, uint flags'),
  fsconfig: define<[number, number, Text | null, Text | null, number]>(
    'fsconfig',
    [431],
    'int context, uint command, const char *key, const char *value, int extra',
  ),
  fsmount: define<[number, number, number]>('fsmount', [432], 'int context, uint flags, uint attributes'),

  openat2: define<[number, Text, Uint8Array, number]>(
    'openat2',
    [437],
    'int directory, const char *path, const void *how, size_t length',
  ),
  statx: define<[number, Text, number, number, Uint8Array]>(
    'statx',
    [332, 291],
    'int directory, const char *path, int flags, uint mask, void *status',
  ),
  mknodat: define<[number, Text, number, number]>(
    'mknodat',
    [259, 33],
    'int directory, const char *path, uint mode, uint device',
  ),
  utimensat: define<[number, Text, Uint8Array, number]>(
    'utimensat',
    [280, 88],
    'int directory, const char *path, const void *times, int flags',
  ),
  lsetxattr: define<[Text, Text, Uint8Array, number, number]>(
    'lsetxattr',
    [189, 6],
    'const char *path, const char *name, const void *value, size_t length, int flags',
  ),
  lgetxattr: define<[Text, Text, Uint8Array, number]>(
    'lgetxattr',
    [192, 9],
    'const char *path, const char *name, void *value, size_t length',
  ),
  llistxattr: define<[Text, Uint8Array, number]>(
    'llistxattr',
    [195, 12],
    'const char *path, void *names, size_t length',
  ),
  lremovexattr: define<[Text, Text]>('lremovexattr', [198, 15], 'const char *path, const char *name'),
  fcntl: define<[number, number, number]>('fcntl', [72, 25], 'int fd, int command, long argument'),
  fadvise: define<[number, number, number, number]>(
    'fadvise64',
    [221, 223],
    'int fd, int64_t offset, int64_t length, int advice',
  ),
  sendfile: define<[number, number, Uint8Array, number]>(
    'sendfile',
    [40, 71],
    'int to, int from, void *offset, size_t length',
  ),
  flock: define<[number, number]>('flock', [73, 32], 'int fd, int operation'),
  ioctl: define<[number, number, Uint8Array | null]>('ioctl', [16, 29], 'int fd, ulong request, void *argument'),
  cachestat: define<[number, Buffer, Buffer, number]>(
    'cachestat',
    [451],
    'int fd, const void *range, _Out_ void *result, uint flags',
  ),
  syncFileRange: define<[number, number, number, number]>(
    'sync_file_range',
    [277, 84],
    'int fd, int64_t offset, int64_t length, uint flags',
  ),
  syncfs: define<[number]>('syncfs', [306, 267], 'int fd'),

  unshare: define<[number]>('unshare', [272, 97], 'int flags'),
  setns: define<[number, number]>('setns', [308, 268], 'int fd, int kind'),

  socket: define<[number, number, number]>('socket', [41, 198], 'int family, int kind, int protocol'),
  setsockopt: define<[number, number, number, Uint8Array, number]>(
    'setsockopt',
    [54, 208],
    'int fd, int level, int name, const void *value, int length',
  ),
  bind: define<[number, Uint8Array, number]>('bind', [49, 200], 'int fd, const void *address, int length'),
  connect: define<[number, Uint8Array, number]>('connect', [42, 203], 'int fd, const void *address, int length'),
  sendto: define<[number, Uint8Array, number, number, null, number]>(
    'sendto',
    [44, 206],
    'int fd, const void *bytes, size_t length, uint flags, const void *address, int address_length',
  ),
  recvfrom: define<[number, Uint8Array, number, number, null, null]>(
    'recvfrom',
    [45, 207],
    'int fd, void *bytes, size_t length, uint flags, void *address, void *address_length',
  ),
} as const
