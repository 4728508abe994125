import { setTimeout as delay } from 'node:timers/promises'
import { containerStats, type EngineClient, inspectContainer, listContainers } from '@slipway/client'
import { atLeast, defineCommand, type Session } from '../../command.ts'
import { errorText } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { formatRows, type Row } from '../../format/rows.ts'
import { warnLine } from '../../terminal/console.ts'
import { statsLayout, statsRow, unknownRow } from './stats-row.ts'

const refresh = 500
const home = '\u001b[H'
const clearScreen = '\u001b[2J'
const clearLine = '\u001b[K'
const clearBelow = '\u001b[J'

/** The newest row of each container that is watched, in the order they were found. */
class Watch implements Disposable {
  readonly #client: EngineClient
  readonly #full: boolean
  readonly #rows = new Map<string, Row>()
  readonly #stop = new AbortController()
  /** The last error, when there is nothing more to watch. */
  failure: unknown

  constructor(client: EngineClient, options: { readonly full: boolean }) {
    this.#client = client
    this.#full = options.full
  }

  get rows(): readonly Row[] {
    return [...this.#rows.values()]
  }

  /** Only those in `keys` stay, and new ones begin to be watched. */
  follow(keys: readonly string[]): void {
    for (const key of this.#rows.keys()) if (!keys.includes(key)) this.#rows.delete(key)
    for (const key of keys) if (!this.#rows.has(key)) void this.#read(key)
  }

  async #read(key: string): Promise<void> {
    this.#rows.set(key, unknownRow(key))
    try {
      for await (const sample of containerStats(this.#client, key, { signal: this.#stop.signal })) {
        if (!this.#rows.has(key)) break
        this.#rows.set(key, statsRow(sample, { asked: key, full: this.#full }))
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.failure = error
    } finally {
      this.#rows.delete(key)
    }
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
  }
}

const idsOf = async (client: EngineClient, all: boolean): Promise<readonly string[]> =>
  (await listContainers(client, { all })).map(({ Id }) => Id)

const once = async (client: EngineClient, keys: readonly string[], full: boolean): Promise<readonly Row[]> =>
  await Promise.all(
    keys.map(async (key) => {
      for await (const sample of containerStats(client, key, { stream: false })) {
        return statsRow(sample, { asked: key, full })
      }
      return unknownRow(key)
    }),
  )

interface StreamRequest {
  readonly named: readonly string[]
  readonly all: boolean
  readonly full: boolean
  readonly format: string | undefined
}

/** Draws until there is nothing to watch any more; one without names goes on, for containers to come. */
const stream = async ({ console }: Session, client: EngineClient, request: StreamRequest): Promise<number> => {
  const { named, all, full, format } = request
  const { stdout } = console
  const isTerminal = stdout.isTTY === true
  using watch = new Watch(client, { full })
  if (named.length > 0) watch.follow(named)
  if (isTerminal) stdout.write(clearScreen)
  for (;;) {
    if (named.length === 0) watch.follow(await idsOf(client, all))
    await delay(refresh)
    if (named.length > 0 && watch.rows.length === 0) break
    const text = formatRows(statsLayout, watch.rows, { format })
    stdout.write(isTerminal ? home + text.replaceAll('\n', `${clearLine}\n`) + clearBelow : text)
  }
  if (watch.failure === undefined) return 0
  warnLine(console, errorText(watch.failure))
  return 1
}

export const command = defineCommand({
  names: ['container stats', 'stats'],
  usage: '[OPTIONS] [CONTAINER...]',
  summary: 'Display a live stream of container(s) resource usage statistics',
  operands: atLeast(0),
  flags: {
    all: toggle('a', 'Show all containers (default shows just running)'),
    format: text('', formatHelp),
    'no-stream': toggle('', 'Disable streaming stats and only pull the first result'),
    'no-trunc': toggle('', 'Do not truncate output'),
  },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    const { all, format } = flags
    const full = flags['no-trunc']
    // An unknown container is told before anything is drawn.
    for (const name of operands) await inspectContainer(client, name)
    if (!flags['no-stream']) return await stream(session, client, { named: operands, all, full, format })
    const keys = operands.length > 0 ? operands : await idsOf(client, all)
    session.console.stdout.write(formatRows(statsLayout, await once(client, keys, full), { format }))
    return 0
  },
})
