import { listEvents } from '../audit/events.ts'
import type { Administration, Verb } from './verb.ts'

const linesShown = 100

const show = async ({ sql, print }: Administration, repository?: string): Promise<void> => {
  for (const event of await listEvents(sql, { repository, before: '', limit: linesShown })) {
    const { at, account, address, action, subject } = event
    print([at, account ?? '-', address, action, event.repository ?? '', subject ?? ''].join('\t').trimEnd())
  }
}

export const auditVerbs: readonly Verb[] = [
  { words: ['audit'], arguments: '[REPOSITORY]', about: 'what was done, and by whom, the newest first', run: show },
]
