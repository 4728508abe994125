import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SlipwayError } from '@slipway/core'
import { type CommandContext, slipway } from './command.ts'
import { stepDisplay } from './display.ts'

export interface VoyageOptions {
  readonly host: string
  /** `127.0.0.1:5000` */
  readonly registry: string
  readonly dataRoot: string
  /** Of the account `admin`; undefined when it was made earlier, and the voyage logged in then. */
  readonly password: string | undefined
  readonly signal: AbortSignal
  readonly print: (text: string) => void
}

interface Step {
  /** The client's words after `slipway`. */
  readonly args: readonly string[]
  readonly input?: string
  /** What of the output is shown; default: all. */
  readonly show?: (output: string) => string
}

const buildContext = join(import.meta.dirname, '../../../../examples/voyage')
const lastLine = (output: string): string => output.split('\n').at(-1) ?? ''
const head =
  (lines: number) =>
  (output: string): string =>
    output.split('\n').slice(0, lines).join('\n')
const nothing = (): string => ''

/** The story of the introductions, told with real software: each step is a command that a person could type. */
const stepsOf = (registry: string, password: string | undefined): readonly Step[] => {
  const image = `${registry}/user/web:v1`
  const login: readonly Step[] =
    password === undefined
      ? []
      : [{ args: ['login', '--username', 'admin', '--password-stdin', registry], input: password, show: lastLine }]
  return [
    { args: ['image', 'bootstrap', 'busybox'], show: lastLine },
    { args: ['image', 'bootstrap', 'debian:bookworm'], show: lastLine },
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
    { args: ['build', '--tag', 'user/web:v1', buildContext], show: lastLine },
    ...login,
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

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Makes the first voyage, and shows it. Throws when a step fails. */
export const makeVoyage = async (options: VoyageOptions): Promise<void> => {
  const { host, registry, signal, print } = options
  const configDirectory = join(options.dataRoot, 'voyage')
  const context: CommandContext = { host, configDirectory, signal }
  const display = stepDisplay((text) => void process.stdout.write(text), process.stdout.isTTY === true)
  // What an earlier voyage left running.
  await slipway(context, ['rm', '--force', 'voyage-first', 'voyage-web']).catch(() => undefined)
  if (options.password === undefined && !(await isThere(join(configDirectory, 'config.json')))) {
    throw new SlipwayError(
      'unauthenticated',
      `the registry has accounts, and the voyage has no login: DOCKER_CONFIG=${configDirectory} bin/slipway login ${registry}`,
    )
  }
  for (const { args, input, show } of stepsOf(registry, options.password)) {
    display.begin(`slipway ${args.map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ')}`)
    const output = await slipway(context, args, { ...(input ? { input } : {}), onLine: display.progress })
    display.end((show ?? ((text) => text))(output))
  }
  const [published = ''] = (await slipway(context, ['port', 'voyage-web', '8080'])).split('\n')
  const url = `http://127.0.0.1:${published.split(':').at(-1)}/`
  display.begin(`curl ${url}`)
  const page = await fetchPage(url, signal)
  if (!page.includes('Ahoy from a container')) throw new SlipwayError('internal', `${url} answered something else`)
  display.end(page)
  print('\nThe voyage is made: a Dockerfile became an image, went to a registry, came back, and serves that page.')
}
