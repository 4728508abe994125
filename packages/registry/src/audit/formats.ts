import type { RecordedEvent } from './events.ts'

/** One way of writing events down, an event a line. */
export interface AuditFormat {
  readonly mediaType: string
  /** What stands before the first event. */
  readonly head: string
  readonly line: (event: RecordedEvent) => string
}

const columns = ['at', 'account', 'address', 'action', 'repository', 'subject', 'detail', 'requestId', 'id'] as const

/**
 * RFC 4180, section 2. Some of it strangers wrote (the name of a failed login): what a spreadsheet would take for a formula
 * gets a quote before it.
 */
const cell = (value: string | null): string => {
  const text = (value ?? '').replace(/^[=+\-@\t\r]/, "'$&")
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const csvLine = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

export const auditFormats = {
  jsonl: { mediaType: 'application/jsonl', head: '', line: (event) => `${JSON.stringify(event)}\n` },
  csv: {
    mediaType: 'text/csv; charset=utf-8; header=present',
    head: csvLine(columns),
    line: (event) => csvLine(columns.map((name) => cell(event[name]))),
  },
} as const satisfies Record<string, AuditFormat>

export type AuditFormatName = keyof typeof auditFormats

export const isAuditFormat = (name: string): name is AuditFormatName => Object.hasOwn(auditFormats, name)

/** As text, some kilobytes at a time. */
export const writeEvents = async function* (
  events: AsyncIterable<RecordedEvent>,
  format: AuditFormat,
): AsyncGenerator<string> {
  let text = format.head
  for await (const event of events) {
    text += format.line(event)
    if (text.length < 1 << 16) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}
