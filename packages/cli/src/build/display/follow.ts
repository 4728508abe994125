import type { control } from '@slipway/buildkit/client'
import { Exit } from '../../exit.ts'
import type { ConsoleOutput } from '../../terminal/console.ts'
import type { Display } from './display.ts'
import { failureTail, PlainDisplay } from './plain.ts'
import { rawJson } from './raw-json.ts'
import { TerminalDisplay } from './terminal.ts'
import { Trace } from './trace.ts'

const modes = ['auto', 'none', 'plain', 'quiet', 'rawjson', 'tty'] as const
type Mode = (typeof modes)[number]

/** Pictures are drawn no more often, in milliseconds; clocks go on as often where nothing happens. */
const frame = 100

/** Throws Exit. */
export const readMode = (text: string): Mode => {
  const mode = modes.find((each) => each === text)
  if (mode === undefined) throw new Exit(1, `ERROR: invalid progress mode ${text}`)
  return mode
}

export interface FollowOptions {
  readonly mode: Mode
  readonly output: ConsoleOutput
  /** NO_COLOR isn't set. */
  readonly colours: boolean
  readonly isUntitled?: boolean
}

const names = { builder: 'default', driver: 'docker' }

const displayOf = (trace: Trace, { mode, output, colours, isUntitled }: FollowOptions): Display | undefined => {
  if (mode === 'quiet' || mode === 'none' || mode === 'rawjson') return undefined
  const isDrawn = mode === 'tty' || (mode === 'auto' && output.isTTY === true)
  return isDrawn
    ? new TerminalDisplay({ trace, ...names, colours }, output)
    : new PlainDisplay({ trace, ...names, isUntitled }, output)
}

/** Steps of one build under way, kept on the screen. */
class Follower {
  readonly trace = new Trace()
  readonly #options: FollowOptions
  readonly #display: Display | undefined
  #shown = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: FollowOptions) {
    this.#options = options
    this.#display = displayOf(this.trace, options)
  }

  take(status: control.StatusMessage): void {
    if (this.#options.mode === 'rawjson') this.#options.output.write(`${rawJson(status)}\n`)
    this.trace.update(status)
    if (this.#display === undefined) return
    if (Date.now() - this.#shown >= frame) this.#show()
    else this.#wait()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#display?.finish()
    if (this.#display === undefined) return
    const isDrawn = this.#display instanceof TerminalDisplay
    this.#options.output.write(failureTail(this.trace.steps.values(), isDrawn ? Number.POSITIVE_INFINITY : undefined))
  }

  #show(): void {
    this.#shown = Date.now()
    this.#display?.refresh()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wait()
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => this.#show(), frame)
  }
}

/**
 * Shows what happens in a build until it is over. Gives back what was told: warnings are for the end, when the build's own
 * answer is there. What ends the connection is the build's to tell.
 */
export const followBuild = async (
  statuses: AsyncIterable<control.StatusMessage>,
  options: FollowOptions,
): Promise<Trace> => {
  const follower = new Follower(options)
  try {
    for await (const status of statuses) follower.take(status)
  } catch {
    // The call that builds fails too, and says why.
  }
  follower.end()
  return follower.trace
}
