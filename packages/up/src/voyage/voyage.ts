import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SlipwayError } from '@slipway/core'
import { type CommandContext, slipway } from './command.ts'
import type { Display } from './display.ts'

export interface VoyageOptions {
  readonly host: string
  /** `127.0.0.1:5000` */
  readonly registry: string
  /** The account it logs in with. */
  readonly visitor: { readonly name: string; readonly password: string }
  readonly display: Display
  readonly signal: AbortSignal
}

interface Step {
  /** The client's words after `slipway`. */
  readonly args: readonly string[]
  readonly input?: string
  /** An image that the step makes from nothing: it is not made again. */
  readonly makes?: string
  /** What of the output is shown; default: all of it. */
  readonly show?: (output: string) => string
}

const buildContext = join(import.meta.dirname, '../../../../examples/voyage')
const lastLine = (output: string): string => output.split('\n').at(-1) ?? ''
const head =
  (lines: number) =>
  (output: string): string =>
    output.split('\n').slice(0, lines).join('\n')
const nothing = (): string => ''
const all = (output: string): string => output

/** The story of the introductions, told with real software: each step is a command that a person could type. */
const stepsOf = (registry: string, { name, password }: VoyageOptions['visitor']): readonly Step[] => {
  const image = `${registry}/user/web:v1`
  return [
    { args: ['image', 'bootstrap', 'busybox'], makes: 'busybox', show: lastLine },
    { args: ['image', 'bootstrap', 'debian:bookworm'], makes: 'debian:bookworm', show: lastLine },
    {
      args: [
        'run',
        '--name',
        'voyage-first',
        'debian:bookworm',
        '/bin/sh',
        '-c',
        'echo changed > /etc/voyage; cat /etc/debian_version',
      ],
    },
    { args: ['commit', '-m', 'a new image', '--author', 'Slipway', 'voyage-first', 'user/first:test'] },
    { args: ['history', 'user/first:test'], show: head(3) },
    { args: ['rm', 'voyage-first'] },
    { args: ['build', '--tag', 'user/web:v1', buildContext] },
    { args: ['login', '--username', name, '--password-stdin', registry], input: password, show: lastLine },
    { args: ['tag', 'user/web:v1', image] },
    { args: ['push', image], show: lastLine },
    { args: ['rmi', 'user/web:v1', image], show: nothing },
    { args: ['run', '-d', '-p', '8080', '--name', 'voyage-web', image], show: lastLine },
    { args: ['ps', '--filter', 'name=voyage-web'] },
  ]
}

/** The page, once the server in the container is up. */
const fetchPage = async (url: string, signal: AbortSignal): Promise<string> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await (await fetch(url, { signal })).text()
    } catch (error) {
      if (attempt >= 50 || signal.aborted) throw error
      await delay(100, undefined, { signal })
    }
  }
}

const temporaryDirectory = async (): Promise<{ readonly path: string } & AsyncDisposable> => {
  const path = await mkdtemp(join(tmpdir(), 'slipway-voyage-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

const shellWord = (word: string): string => (/[\s;>]/.test(word) ? `'${word}'` : word)

const makeStep = async (context: CommandContext, step: Step, onLine: (line: string) => void): Promise<string> => {
  const { args, input, makes } = step
  if (makes !== undefined) {
    const present = await slipway(context, ['image', 'inspect', '--format', '{{.Id}}', makes]).catch(() => undefined)
    context.signal.throwIfAborted()
    if (present !== undefined) return `${present} is there since an earlier start`
  }
  return slipway(context, args, { ...(input ? { input } : {}), onLine })
}

/**
 * Makes the first voyage, and shows it. Returns the address of the page that the container it leaves behind serves. Throws when
 * a step fails, or `signal` is aborted.
 */
export const makeVoyage = async (options: VoyageOptions): Promise<string> => {
  const { host, signal, visitor, display } = options
  await using scratch = await temporaryDirectory()
  const context: CommandContext = { host, configDirectory: scratch.path, signal }
  // What an earlier voyage left.
  await slipway(context, ['rm', '--force', 'voyage-first', 'voyage-web']).catch(() => undefined)
  for (const step of stepsOf(options.registry, visitor)) {
    const words = ['slipway', ...step.args].map(shellWord).join(' ')
    await display.step(words, (onLine) => makeStep(context, step, onLine), step.show ?? all)
  }
  const [published = ''] = (await slipway(context, ['port', 'voyage-web', '8080'])).split('\n')
  const url = `http://127.0.0.1:${published.split(':').at(-1)}/`
  const page = await display.step(`curl ${url}`, () => fetchPage(url, signal), all)
  if (!page.includes('Ahoy from a container')) throw new SlipwayError('internal', `${url} answered something else`)
  return url
}
