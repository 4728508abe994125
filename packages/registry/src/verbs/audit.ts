import { invalid } from '@slipway/core'
import { parsePattern } from '../access/pattern.ts'
import { allEvents, filterNames, findEvents, parseFilter } from '../audit/find-events.ts'
import { type AuditFormatName, auditFormats, isAuditFormat, writeEvents } from '../audit/formats.ts'
import type { Administration, Verb } from './verb.ts'

const linesShown = 100

const formatFrom = (text: unknown): AuditFormatName | undefined => {
  if (text === undefined || isAuditFormat(String(text))) return text as AuditFormatName | undefined
  throw invalid(`invalid format ${JSON.stringify(text)}: use ${Object.keys(auditFormats).join(' or ')}`)
}

/** `--account`, `--action`, `--since` and the other filters, and `--format`. Throws invalid. */
export const readAuditFlags = (values: Readonly<Record<string, unknown>>): Administration['audit'] => ({
  filter: parseFilter((name) => values[name] as string | undefined),
  format: formatFrom(values['format']),
})

/** They are given as flags; the repository is what the verb is about. */
export const auditFlags = Object.fromEntries(
  [...filterNames.filter((name) => name !== 'repository'), 'format'].map((name) => [name, { type: 'string' } as const]),
)

/** The last hundred as a table, or all of them, in a format for programs. */
const show = async ({ sql, print, audit }: Administration, repository?: string): Promise<void> => {
  const filter = { ...audit.filter, repository: repository && parsePattern(repository) }
  if (audit.format !== undefined) {
    const text = writeEvents(allEvents(sql, filter), auditFormats[audit.format])
    for await (const lines of text) print(lines.replace(/\r?\n$/, ''))
    return
  }
  for (const event of await findEvents(sql, { filter, before: '', limit: linesShown })) {
    const { at, account, address, action, subject, detail } = event
    const line = [at, account ?? '-', address, action, event.repository ?? '', subject ?? '', detail ?? '']
    print(line.join('\t').trimEnd())
  }
}

export const auditVerbs: readonly Verb[] = [
  {
    words: ['audit'],
    arguments:
      '[REPOSITORY] [--account=] [--action=tag.*] [--subject=] [--address=] [--since=24h] [--until=] [--format=jsonl|csv]',
    about: 'what was done, and by whom, the newest first',
    run: show,
  },
]
