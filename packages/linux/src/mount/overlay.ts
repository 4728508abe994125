import { closeSync, openSync } from 'node:fs'
import { messageOf, SlipwayError } from '@slipway/core'
import { O_PATH } from '../file/open.ts'
import type { PathLike } from '../kernel/calls.ts'
import { check, failedWith } from '../kernel/error.ts'
import { attachMount, configure, createMount, openContext, type Parameter } from './context.ts'
import { type MountOptions, mountAttributes } from './options.ts'

/**
 * An overlay whose options exceed the one page of mount(2), as those of 60 layers easily do: through fsopen(2) and
 * fsconfig(2), one lower directory at a time. Throws unsupported on a kernel that can't do it (before 6.7).
 */
export const mountOverlay = (source: string, { flags, data }: MountOptions, target: PathLike): void => {
  using open = new DisposableStack()
  const keep = (fd: number): number => open.adopt(fd, closeSync)
  const context = keep(openOverlay(target))
  const parameters = [['source', source] as const, ...overlayParameters(data)]
  try {
    for (const each of parameters) configure(context, each, (path) => `/proc/self/fd/${keep(openSync(path, O_PATH))}`)
  } catch (error) {
    if (messageOf(error).includes(`Unknown parameter 'lowerdir+'`)) throw tooOld('overlay has no lowerdir+')
    throw error
  }
  attachMount(keep(createMount(context, mountAttributes(flags), target)), target)
}

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

const openOverlay = (target: PathLike): number => {
  const context = openContext('overlay')
  if (failedWith(context, 'ENOSYS')) throw tooOld('fsopen(2) is missing')
  return check(context, 'fsopen', target)
}

const tooOld = (what: string): SlipwayError =>
  new SlipwayError('unsupported', `so many layers need Linux 6.7 or newer: ${what}`)
