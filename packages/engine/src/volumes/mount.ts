import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import { messageOf, SlipwayError } from '@slipway/core'
import { bindMount, flagsToNumber, isMountPoint, mount } from '@slipway/linux'
import type { VolumeSource } from './driver-options.ts'

const run = promisify(execFile)

/** A server that doesn't answer keeps mount(2) waiting: not longer than this, in milliseconds. */
const patience = 60_000
/** These never wait for anyone; the others are mounted by a process of their own. */
const atOnce: readonly string[] = ['none', 'tmpfs', 'ramfs']

/** Mounts what a volume stands for on its directory; done already is no error. Throws internal in docker's words. */
export const mountVolume = async (source: VolumeSource, target: string): Promise<void> => {
  if (isMountPoint(target)) return
  const options = await Promise.all(source.data.map((word) => resolveAddress(word, target)))
  try {
    if (atOnce.includes(source.type)) mountNow(source, target)
    else await mountBesides({ ...source, data: options }, target)
  } catch (error) {
    const { device, flags } = source
    const number = flagsToNumber(flags)
    const how = [
      ...(number === 0 ? [] : [`flags: 0x${number.toString(16)}`]),
      ...(options.length === 0 ? [] : [`data: ${withoutSecrets(options)}`]),
    ]
    const what = [`mount ${device}:${target}`, ...how].join(', ')
    throw failed(target, `failed to mount local volume: ${what}: ${reasonOf(error)}`)
  }
}

const failed = (target: string, problem: string): SlipwayError =>
  new SlipwayError('internal', `error while mounting volume '${target}': ${problem}`)

const mountNow = ({ type, device, flags, data }: VolumeSource, target: string): void => {
  const rest = flags.filter((flag) => flag !== 'bind')
  if (rest.length < flags.length) bindMount(device, target, rest)
  else mount({ source: device, target, type, flags, data: data.join(',') })
}

const mountBesides = async ({ type, device, flags, data }: VolumeSource, target: string): Promise<void> => {
  // mount(8) knows all of mount(2)'s words but this one, which only says something of binds.
  const options = [...flags.filter((flag) => flag !== 'rec'), ...data]
  const list = options.length > 0 ? ['-o', options.join(',')] : []
  await run('mount', ['-i', '-t', type, ...list, '--', device, target], { timeout: patience })
}

/** The kernel takes the address of a server, not its name. */
const resolveAddress = async (word: string, target: string): Promise<string> => {
  const host = /^addr=(.+)$/.exec(word)?.[1]
  if (host === undefined || isIP(host) !== 0) return word
  try {
    return `addr=${(await lookup(host)).address}`
  } catch {
    throw failed(target, `error resolving passed in network volume address: lookup ${host}: no such host`)
  }
}

const withoutSecrets = (words: readonly string[]): string =>
  words.map((word) => word.replace(/^(pass(?:word)?\w*)=.*/i, '$1=********')).join(',')

/** Never the command line that failed: it has the options, with what is secret in them. */
const reasonOf = (error: unknown): string => {
  const { stderr, killed, code } = error as {
    readonly stderr?: string
    readonly killed?: boolean
    readonly code?: unknown
  }
  if (killed) return `no answer within ${patience / 1000} seconds`
  if (typeof stderr === 'string') return reasonIn(stderr) ?? `mount ended with code ${code}`
  return /^E[A-Z]+: ([^,]+)/.exec(messageOf(error))?.[1] ?? messageOf(error)
}

/** The errno's words for what mount(8) says in its own. */
const reasons = [
  { pattern: /unknown filesystem type/, reason: 'no such device' },
  { pattern: /special device .* does not exist|No such file or directory/, reason: 'no such file or directory' },
  { pattern: /Connection refused/i, reason: 'connection refused' },
  { pattern: /timed out/i, reason: 'connection timed out' },
  { pattern: /access denied|permission denied/i, reason: 'permission denied' },
  { pattern: /wrong fs type|bad option|Invalid argument/i, reason: 'invalid argument' },
] as const

const reasonIn = (stderr: string): string | undefined =>
  reasons.find(({ pattern }) => pattern.test(stderr))?.reason ?? stderr.trim().split('\n')[0]
