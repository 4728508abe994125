import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import { messageOf, SlipwayError } from '@slipway/core'
import { bindMount, isMountPoint, mount } from '@slipway/linux'
import type { VolumeSource } from './driver-options.ts'

const run = promisify(execFile)

/** A server that doesn't answer keeps mount(2) waiting: not longer than this, in milliseconds. */
const patience = 60_000
/** These never wait for anyone; the others are mounted by a process of their own. */
const atOnce: readonly string[] = ['none', 'tmpfs', 'ramfs']

/** Mounts what a volume stands for on its directory; done already is no error. Throws internal in docker's words. */
export const mountVolume = async (source: VolumeSource, target: string): Promise<void> => {
  if (isMountPoint(target)) return
  const { type, device, words } = source
  try {
    if (atOnce.includes(type)) mountNow(source, target)
    else await mountBesides(source, target)
  } catch (error) {
    throw new SlipwayError(
      'internal',
      `failed to mount local volume: mount ${device}:${target}${type === 'none' ? '' : `, type: ${type}`}, data: ${withoutSecrets(words)}: ${reasonOf(error)}`,
    )
  }
}

const mountNow = ({ type, device, flags, data }: VolumeSource, target: string): void => {
  const rest = flags.filter((flag) => flag !== 'bind')
  if (rest.length < flags.length) bindMount(device, target, rest)
  else mount({ source: device, target, type, flags, data: data.join(',') })
}

const mountBesides = async ({ type, device, words }: VolumeSource, target: string): Promise<void> => {
  const options = await Promise.all(words.map(resolveAddress))
  const list = options.length > 0 ? ['-o', options.join(',')] : []
  await run('mount', ['-i', '-t', type, ...list, '--', device, target], { timeout: patience })
}

/** The kernel takes the address of a server, not its name. */
const resolveAddress = async (word: string): Promise<string> => {
  const host = /^addr=(.+)$/.exec(word)?.[1]
  return host === undefined || isIP(host) ? word : `addr=${(await lookup(host)).address}`
}

const withoutSecrets = (words: readonly string[]): string =>
  words.map((word) => word.replace(/^(pass(?:word)?\w*)=.*/i, '$1=****')).join(',')

/** Never the command line that failed: it has the options, with what is secret in them. */
const reasonOf = (error: unknown): string => {
  const { stderr, killed, code } = error as {
    readonly stderr?: string
    readonly killed?: boolean
    readonly code?: unknown
  }
  if (killed) return `no answer within ${patience / 1000} seconds`
  if (typeof stderr === 'string') return stderr.trim().split('\n')[0] || `mount ended with code ${code}`
  if (code === 'ENODEV') return 'no such device'
  return code === 'ENOENT' ? 'no such file or directory' : messageOf(error)
}
