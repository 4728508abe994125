import { readSync } from 'node:fs'
import { AT_FDCWD, cString, kernel, type PathLike } from '../kernel/calls.ts'
import { check, systemError } from '../kernel/error.ts'

const FSOPEN_CLOEXEC = 1
const FSMOUNT_CLOEXEC = 1
const FSCONFIG_SET_FLAG = 0
const FSCONFIG_SET_STRING = 1
const FSCONFIG_CMD_CREATE = 6
const MOVE_MOUNT_F_EMPTY_PATH = 4
/** fsconfig(2) takes strings of 255 bytes and a NUL. */
const longestValue = 255

/** Name and value; a flag has no value. */
export type Parameter = readonly [name: string, value?: string]

/** A file system being configured (fsopen(2)): a descriptor, or -errno. */
export const openContext = (type: string): number => kernel.fsopen(cString(type), FSOPEN_CLOEXEC)

/** One option. A value that is a path too long for fsconfig(2) goes in by the short name that `shorten` gives it. */
export const configure = (context: number, [name, value]: Parameter, shorten: (path: string) => string): void => {
  const given = value !== undefined && Buffer.byteLength(value) > longestValue ? shorten(value) : value
  const result =
    given === undefined
      ? kernel.fsconfig(context, FSCONFIG_SET_FLAG, cString(name), null, 0)
      : kernel.fsconfig(context, FSCONFIG_SET_STRING, cString(name), cString(given), 0)
  if (result < 0) throw refusal(result, context, value ?? name)
}

/** Makes the file system, and a mount of it that stands nowhere: a descriptor, with which it goes. */
export const createMount = (context: number, attributes: number, what: PathLike): number => {
  const result = kernel.fsconfig(context, FSCONFIG_CMD_CREATE, null, null, 0)
  if (result < 0) throw refusal(result, context, what)
  return check(kernel.fsmount(context, FSMOUNT_CLOEXEC, attributes), 'fsmount', what)
}

/** Puts a mount that stands nowhere at `target`. */
export const attachMount = (mount: number, target: PathLike): void => {
  check(kernel.moveMount(mount, '', AT_FDCWD, cString(target), MOVE_MOUNT_F_EMPTY_PATH), 'move_mount', target)
}

/** With what the kernel itself says beyond the number. */
const refusal = (result: number, context: number, path: PathLike): Error =>
  systemError(-result, 'fsconfig', path, readLog(context))

/** The context keeps what the kernel has to say, a line each, as `e overlay: …`. */
const readLog = (context: number): string | undefined => {
  const line = Buffer.alloc(1024)
  try {
    return line
      .toString('utf8', 0, readSync(context, line))
      .replace(/^[ewi] /, '')
      .trim()
  } catch {
    return undefined
  }
}
