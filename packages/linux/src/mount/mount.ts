import { cString, kernel, type PathLike } from '../kernel/calls.ts'
import { check, failedWith } from '../kernel/error.ts'
import { flagsToNumber, type MountFlag } from './options.ts'

export interface MountRequest {
  /** A device, a directory, or any word for file systems without a source. */
  readonly source: PathLike
  readonly target: PathLike
  readonly type: string
  readonly flags?: readonly MountFlag[]
  /** The file system's options with commas between them: less than a page, or the kernel cuts the rest off. */
  readonly data?: string
}

const MNT_DETACH = 2
const UMOUNT_NOFOLLOW = 8
/** The longest option string of mount(2): a page, with its NUL. */
export const longestMountData = 4095

/** mount(2). Bind mounts, remounts and changes of propagation are flags of it. */
export const mount = ({ source, target, type, flags = [], data = '' }: MountRequest): void => {
  if (Buffer.byteLength(data) > longestMountData) throw new RangeError('mount options are longer than a page')
  const result = kernel.mount(cString(source), cString(target), cString(type), flagsToNumber(flags), cString(data))
  check(result, 'mount', target)
}

export interface UnmountOptions {
  readonly lazy?: boolean
}

/**
 * Takes the topmost mount off `target`. Nothing there, or nothing mounted there, is no error. With `lazy` the mount goes
 * out of sight at once and ends with its last user; without it one in use throws EBUSY. Never follows a last symlink.
 */
export const unmount = (target: PathLike, options: UnmountOptions = {}): void =>
  checkUnmount(kernel.umount2(cString(target), flagsOf(options)), target)

/** The same on a pool thread: the kernel waits for its processors meanwhile, 2 to 6 ms. */
export const unmountAside = async (target: PathLike, options: UnmountOptions = {}): Promise<void> =>
  checkUnmount(await kernel.umount2.aside(cString(target), flagsOf(options)), target)

const flagsOf = ({ lazy = false }: UnmountOptions): number => UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)

const checkUnmount = (result: number, target: PathLike): void => {
  if (failedWith(result, 'EINVAL', 'ENOENT', 'ENOTDIR')) return
  check(result, 'umount2', target)
}
