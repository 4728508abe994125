import { formatDuration } from '../duration.ts'
import { collect } from '../gc/collect.ts'
import { readGcStatus } from '../gc/status.ts'
import type { Administration, Verb } from './verb.ts'

/** `due now`, `in 3h 20m`. */
const whenOf = (time: string): string => {
  const rest = Date.parse(time) - Date.now()
  return rest <= 0 ? 'due now' : `in ${formatDuration(rest)}`
}

const status = async ({ database, print }: Administration): Promise<void> => {
  const { queue, next, totals, freedBytes } = await readGcStatus(database)
  print('KIND\tWAITING\tDUE\tFAILING\tBYTES\tNEXT')
  for (const { kind, waiting, due, failing, bytes, next: time } of queue) {
    print([kind, waiting, due, failing, bytes, whenOf(time)].join('\t'))
  }
  print('\nNEXT\tKIND\tREASON\tWHAT')
  for (const { kind, key, reason, reviewAfter } of next) print([whenOf(reviewAfter), kind, reason, key].join('\t'))
  print('\nSO FAR\tREVIEWED\tCOLLECTED\tFREED BYTES')
  for (const total of totals) print([total.kind, total.reviewed, total.collected, total.freedBytes].join('\t'))
  print(`\n${freedBytes} bytes were freed.`)
}

const run = async ({ database, storage, retention, logger, print }: Administration): Promise<void> => {
  const done = await collect({ database, storage, retention, logger }, new AbortController().signal)
  print(`${done.reviewed} reviewed, ${done.collected} collected, ${done.failed} failed, ${done.freedBytes} bytes freed`)
}

export const gcVerbs: readonly Verb[] = [
  { words: ['gc', 'status'], arguments: '', about: 'what the garbage collector did and will do', run: status },
  {
    words: ['gc', 'run'],
    arguments: '',
    about: 'collect now what is due',
    run,
    deed: () => ({ action: 'gc.run' }),
  },
]
