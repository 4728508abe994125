import { invalid, SlipwayError } from '@slipway/core'
import { type MountFlag, parseMountOptions } from '@slipway/linux'

/** What is mounted on a volume's directory while containers use it. */
export interface VolumeSource {
  /** `tmpfs`, `nfs`, `ext4`; `none` with the flag `bind`. */
  readonly type: string
  readonly device: string
  readonly flags: readonly MountFlag[]
  /** What of its options is the file system's own: `addr=10.0.0.1`. */
  readonly data: readonly string[]
}

const known: readonly string[] = ['type', 'o', 'device', 'size']
/** What an option can't do without. */
const needs: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
}

/** This engine has the one driver that every engine has. Throws not-found in docker's words for any other. */
export const checkDriver = (name: string, driver: string | undefined): void => {
  if (!driver || driver === 'local') return
  throw new SlipwayError(
    'not-found',
    `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`,
  )
}

/** Throws invalid in docker's words. */
export const checkDriverOptions = (name: string, options: Readonly<Record<string, string>>): void => {
  const fail = (problem: string): never => {
    throw invalid(`create ${name}: ${problem}`)
  }
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) fail(`invalid option: "${option.slice(0, 80)}"`)
    const missing = (needs[option] ?? []).find((other) => !(other in options))
    if (missing !== undefined) fail(`missing required option: "${missing}"`)
  }
  const { size } = options
  if (size === undefined) return
  if (!/^\d+(\.\d+)? ?([kmgtp]i?)?b?$/i.test(size)) fail(`invalid size: '${size.slice(0, 80)}'`)
  fail('quota size requested but no quota support')
}

/** Undefined for a volume that is a directory and nothing more. */
export const sourceOf = ({ type, device, o = '' }: Readonly<Record<string, string>>): VolumeSource | undefined => {
  if (type === undefined || device === undefined) return undefined
  const { flags, data } = parseMountOptions(o.split(',').filter(Boolean))
  const isBind = type === 'bind' && !flags.includes('bind')
  return { type: isBind ? 'none' : type, device, data, flags: isBind ? ['bind', ...flags] : flags }
}
