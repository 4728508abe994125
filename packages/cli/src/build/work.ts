import type { control } from '@slipway/buildkit/client'
import type { Session } from '../command.ts'
import { Exit } from '../exit.ts'
import { type FollowOptions, followBuild, readMode } from './display/follow.ts'
import type { BuildFlags } from './flags.ts'

/** Something under way, and what is told of it. */
export interface Work<T> {
  readonly done: Promise<T>
  /** To be gone through once. It ends with the work, and at the latest with `over`. */
  statuses(over: AbortSignal): AsyncIterable<control.StatusMessage>
}

/** One after the other, shown as one. When the first fails there is no second. */
export const inTurn = <First, Second>(first: Work<First>, next: (result: First) => Work<Second>): Work<Second> => {
  const second = first.done.then(next)
  const done = second.then((work) => work.done)
  done.catch(() => undefined)
  return {
    done,
    async *statuses(over) {
      yield* first.statuses(over)
      const work = await second.catch(() => undefined)
      if (work !== undefined) yield* work.statuses(over)
    },
  }
}

/** What happened last may come after the answer; it isn't waited for any longer, in milliseconds. */
const patience = 3000

/** Throws Exit. */
export const followOptions = ({ progress = 'auto', quiet }: BuildFlags, { console, env }: Session): FollowOptions => {
  const mode = readMode(progress)
  if (quiet && mode !== 'auto' && mode !== 'quiet') {
    throw new Exit(1, `ERROR: progress=${mode} and quiet cannot be used together`)
  }
  if (mode === 'tty' && console.stderr.isTTY !== true) {
    throw new Exit(1, 'ERROR: failed to get console: provided file is not a console')
  }
  return { mode: quiet ? 'quiet' : mode, output: console.stderr, colours: !env['NO_COLOR'] }
}

/** Shows what happens while something goes on, and then what was found in the Dockerfile. */
export const showWork = async <T>({ done, statuses }: Work<T>, flags: BuildFlags, session: Session): Promise<T> => {
  const over = new AbortController()
  const options = followOptions(flags, session)
  const shown = followBuild(statuses(over.signal), options)
  const settled = await Promise.allSettled([done])
  const timer = setTimeout(() => over.abort(), patience)
  const trace = await shown
  clearTimeout(timer)
  const isTold = options.mode !== 'quiet' && options.mode !== 'none' && options.mode !== 'rawjson'
  const colours = options.colours && options.output.isTTY === true
  if (isTold && trace.warnings.length > 0) {
    const { showWarnings } = await import('./warnings.ts')
    options.output.write(showWarnings(trace.warnings, { debug: flags.debug, colours }))
  }
  if (settled[0].status === 'rejected') throw settled[0].reason
  return settled[0].value
}
