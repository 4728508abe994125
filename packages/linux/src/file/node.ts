import { constants } from 'node:fs'
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, cString, kernel, type PathLike } from '../kernel/calls.ts'
import { check, systemError } from '../kernel/error.ts'

/**
 * Makes a device, FIFO, socket or plain file. `mode` holds its kind (fs.constants.S_IFCHR …) and its permissions, less
 * the umask; `device` is as in `stat.rdev` (see `deviceNumber`). The kernel takes 32 bits of it: EINVAL for more.
 */
export const mknod = (path: PathLike, mode: number, device: number | bigint): void => {
  if (device > 0xffffffffn) throw systemError(EINVAL, 'mknod', path)
  check(kernel.mknodat(AT_FDCWD, cString(path), mode, Number(device)), 'mknod', path)
}

const EINVAL = 22

/** Permissions are less the umask. */
export const makeFifo = (path: PathLike, mode = 0o600): void => {
  check(kernel.mknodat(AT_FDCWD, cString(path), constants.S_IFIFO | mode, 0), 'mkfifo', path)
}

/** makedev(3), in the C library's encoding: what stat gives and mknod takes. */
export const deviceNumber = (major: number, minor: number): bigint => {
  const [high, low] = [BigInt(major), BigInt(minor)]
  return (low & 0xffn) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | ((high & 0xfffff000n) << 32n)
}

/** The opposite of `deviceNumber`. */
export const deviceParts = (device: number | bigint): { readonly major: number; readonly minor: number } => {
  const all = BigInt(device)
  return {
    major: Number(((all >> 8n) & 0xfffn) | ((all >> 32n) & 0xfffff000n)),
    minor: Number((all & 0xffn) | ((all >> 12n) & 0xffffff00n)),
  }
}

export interface FileTimes {
  /** Nanoseconds since 1970; may be negative. */
  readonly atimeNs: bigint
  readonly mtimeNs: bigint
}

/** Sets times to the nanosecond, on a symlink itself; node:fs goes through a double and keeps only microseconds. */
export const setTimes = (path: PathLike, { atimeNs, mtimeNs }: FileTimes): void => {
  check(kernel.utimensat(AT_FDCWD, cString(path), timespecs(atimeNs, mtimeNs), AT_SYMLINK_NOFOLLOW), 'utimensat', path)
}

/** The same for what is open, also with O_PATH. */
export const setTimesOf = (fd: number, { atimeNs, mtimeNs }: FileTimes): void => {
  check(kernel.utimensat(fd, cString(''), timespecs(atimeNs, mtimeNs), AT_EMPTY_PATH), 'utimensat')
}

const timespecs = (...times: readonly bigint[]): Buffer => {
  const bytes = Buffer.alloc(times.length * 16)
  for (const [place, time] of times.entries()) writeTime(bytes, place * 16, time)
  return bytes
}

const billion = 1_000_000_000n

/** struct timespec: the nanoseconds count upwards also before 1970. */
const writeTime = (into: Buffer, at: number, time: bigint): void => {
  const nanoseconds = ((time % billion) + billion) % billion
  into.writeBigInt64LE((time - nanoseconds) / billion, at)
  into.writeBigInt64LE(nanoseconds, at + 8)
}
