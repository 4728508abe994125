import { invalid, SlipwayError } from '@slipway/core'
import { type MountFlag, parseMountOptions } from '@slipway/linux'

/** What is mounted on a volume's directory while containers use it. */
export interface VolumeSource {
  /** `tmpfs`, `nfs`, `ext4`; `none` with the flag `bind`. */
  readonly type: string
  readonly device: string
  /** As asked for: `addr=10.0.0.1,rw`. */
  readonly words: readonly string[]
  readonly flags: readonly MountFlag[]
  /** Of the words, those that are the file system's own. */
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
  if ('size' in options) fail('quota size requested but no quota support')
}

/** Undefined for a volume that is a directory and nothing more. */
export const sourceOf = ({ type, device, o = '' }: Readonly<Record<string, string>>): VolumeSource | undefined => {
  if (type === undefined || device === undefined) return undefined
  const words = o.split(',').filter(Boolean)
  const { flags, data } = parseMountOptions(words)
  const isBind = type === 'bind' && !flags.includes('bind')
  return { type: isBind ? 'none' : type, device, words, data, flags: isBind ? ['bind', ...flags] : flags }
}
