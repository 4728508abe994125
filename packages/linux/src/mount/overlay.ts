import { closeSync, openSync, readSync } from 'node:fs'
import { SlipwayError } from '@slipway/core'
import { O_PATH } from '../file/open.ts'
import { AT_FDCWD, cString, kernel, type PathLike } from '../kernel/calls.ts'
import { check, failedWith, systemError } from '../kernel/error.ts'
import { type MountOptions, mountAttributes } from './options.ts'

const FSOPEN_CLOEXEC = 1
const FSMOUNT_CLOEXEC = 1
const FSCONFIG_SET_FLAG = 0
const FSCONFIG_SET_STRING = 1
const FSCONFIG_CMD_CREATE = 6
const MOVE_MOUNT_F_EMPTY_PATH = 4
/** fsconfig(2) takes strings of 255 bytes and a NUL. */
const longestValue = 255

/**
 * An overlay whose options exceed the one page of mount(2), as those of 60 layers easily do: through fsopen(2) and
 * fsconfig(2), one lower directory at a time. Throws unsupported on a kernel that can't do it (before 6.7).
 */
export const mountOverlay = (source: string, { flags, data }: MountOptions, target: PathLike): void => {
  using open = new DisposableStack()
  const keep = (fd: number): number => open.adopt(fd, closeSync)
  const context = keep(openContext(target))
  for (const parameter of [['source', source] as const, ...overlayParameters(data)]) {
    configure(context, parameter, (path) => `/proc/self/fd/${keep(openSync(path, O_PATH))}`)
  }
  const result = kernel.fsconfig(context, FSCONFIG_CMD_CREATE, null, null, 0)
  if (result < 0) throw refusal(result, context, target)
  const made = keep(check(kernel.fsmount(context, FSMOUNT_CLOEXEC, mountAttributes(flags)), 'fsmount', target))
  check(kernel.moveMount(made, '', AT_FDCWD, cString(target), MOVE_MOUNT_F_EMPTY_PATH), 'move_mount', target)
}

/** Name and value; a flag has no value. */
type Parameter = readonly [name: string, value?: string]

/** `lowerdir=/a:/b` as one `lowerdir+` each, top first, without the backslashes that an option string needs. */
export const overlayParameters = (data: readonly string[]): readonly Parameter[] =>
  data.flatMap((option): readonly Parameter[] => {
    const equals = option.indexOf('=')
    if (equals < 0) return [[option]]
    const name = option.slice(0, equals)
    const value = option.slice(equals + 1)
    if (name !== 'lowerdir') return [[name, value]]
    return (value.match(/(?:\\.|[^:\\])+/gs) ?? []).map((path) => ['lowerdir+', path.replace(/\\(.)/gs, '$1')])
  })

const openContext = (target: PathLike): number => {
  const context = kernel.fsopen('overlay', FSOPEN_CLOEXEC)
  if (failedWith(context, 'ENOSYS')) throw tooOld('fsopen(2) is missing')
  return check(context, 'fsopen', target)
}

/** A path too long for fsconfig(2) goes in by a short name, which `shorten` opens until the mount stands. */
const configure = (context: number, [name, value]: Parameter, shorten: (path: string) => string): void => {
  const given = value !== undefined && Buffer.byteLength(value) > longestValue ? shorten(value) : value
  const result =
    given === undefined
      ? kernel.fsconfig(context, FSCONFIG_SET_FLAG, cString(name), null, 0)
      : kernel.fsconfig(context, FSCONFIG_SET_STRING, cString(name), cString(given), 0)
  if (result < 0) throw refusal(result, context, value ?? name)
}

const refusal = (result: number, context: number, path: PathLike): Error => {
  const reason = readLog(context)
  if (reason?.includes(`Unknown parameter 'lowerdir+'`)) return tooOld('overlay has no lowerdir+')
  return systemError(-result, 'fsconfig', path, reason)
}

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

const tooOld = (what: string): SlipwayError =>
  new SlipwayError('unsupported', `so many layers need Linux 6.7 or newer: ${what}`)
