import { invalid, type Sql, type SqlValue } from '@slipway/core'
import { likeOf, parsePattern } from '../access/pattern.ts'
import { parseDuration } from '../duration.ts'
import { idsFrom, type RecordedEvent } from './events.ts'

/** Which events; what isn't given isn't asked for. */
export interface AuditFilter {
  /** `team/app`, or `team/**` for all below. */
  readonly repository?: string | undefined
  readonly account?: string | undefined
  /** `tag.delete`, or `tag.*`. */
  readonly action?: string | undefined
  /** A tag, a digest, an account that something was done to. */
  readonly subject?: string | undefined
  readonly address?: string | undefined
  /** Inclusive. */
  readonly since?: Date | undefined
  /** Exclusive. */
  readonly until?: Date | undefined
}

/** Since a time that is told as such (ISO 8601), or as how long ago (`24h`). Throws invalid. */
export const parseTime = (text: string, now = new Date()): Date => {
  if (/^\d+[a-z]/.test(text)) return new Date(now.getTime() - parseDuration(text))
  const time = new Date(text)
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return time
  throw invalid(`invalid time ${JSON.stringify(text.slice(0, 40))}: use 2026-11-30, 2026-11-30T08:00:00Z, or 24h`)
}

const parseAction = (text: string): string => {
  if (/^[a-z-]+(?:\.[a-z-]+)*(?:\.\*)?$/.test(text)) return text
  throw invalid(`invalid action ${JSON.stringify(text.slice(0, 80))}: use tag.delete, or tag.*`)
}

export const filterNames = ['repository', 'account', 'action', 'subject', 'address', 'since', 'until'] as const

type FilterName = (typeof filterNames)[number]

/** Reads a filter from what was typed, by name; an empty text is none. Throws invalid. */
export const parseFilter = (look: (name: FilterName) => string | undefined): AuditFilter => {
  const read = <T>(name: FilterName, parse: (text: string) => T): T | undefined => {
    const text = look(name)
    return text === undefined || text === '' ? undefined : parse(text)
  }
  return {
    repository: read('repository', parsePattern),
    account: read('account', String),
    action: read('action', parseAction),
    subject: read('subject', String),
    address: read('address', String),
    since: read('since', (text) => parseTime(text)),
    until: read('until', (text) => parseTime(text)),
  }
}

/** A value, between the words of SQL that stand before and behind it. */
type Condition = readonly [before: string, value: SqlValue, behind: string]

const equal = (column: string, value: string | undefined): readonly Condition[] =>
  value === undefined ? [] : [[` AND ${column} = `, value, '']]

/** A star at the end stands for everything. */
const matching = (column: string, pattern: string | undefined): readonly Condition[] => {
  if (!pattern?.endsWith('*')) return equal(column, pattern)
  return [[` AND ${column} LIKE `, likeOf(pattern.replace(/\*+$/, '**')), ` ESCAPE '\\'`]]
}

const conditionsOf = ({ since, until, ...filter }: AuditFilter, before: string): readonly Condition[] => [
  // Greater than all ids, which are hexadecimal.
  ['id < ', before === '' ? 'g' : before, ''],
  ...(since ? [[' AND id >= ', idsFrom(since), ''] as const] : []),
  ...(until ? [[' AND id < ', idsFrom(until), ''] as const] : []),
  ...(filter.repository === '**' ? [] : matching('repository', filter.repository)),
  ...equal('account', filter.account),
  ...matching('action', filter.action),
  ...equal('subject', filter.subject),
  ...equal('address', filter.address),
]

/** By their text: a database prepares each once. */
const templates = new Map<string, TemplateStringsArray>()

const templateOf = (parts: readonly Condition[]): TemplateStringsArray => {
  const strings = parts.map(([before], at) => `${parts[at - 1]?.[2] ?? ''}${before}`)
  const key = strings.join('?')
  const known = templates.get(key)
  if (known !== undefined) return known
  const columns = 'id, at, account, address, action, repository, subject, detail, request_id AS "requestId"'
  const whole = [`SELECT ${columns} FROM audit_event WHERE ${strings[0]}`, ...strings.slice(1), '']
  const template = Object.assign(whole, { raw: whole })
  templates.set(key, template)
  return template
}

export interface AuditPage {
  readonly filter: AuditFilter
  /** The id of the last event that was seen, exclusive; '' for the newest. */
  readonly before: string
  readonly limit: number
}

/** What happened, the newest first. Only the conditions that were asked for are told to the database: so it can use an index. */
export const findEvents = (sql: Sql, { filter, before, limit }: AuditPage): Promise<readonly RecordedEvent[]> => {
  const parts: readonly Condition[] = [...conditionsOf(filter, before), [' ORDER BY id DESC LIMIT ', limit, '']]
  return sql<RecordedEvent>(templateOf(parts), ...parts.map(([, value]) => value))
}

const eventsAtOnce = 1000

/** All of them, a page at a time: the newest first. */
export const allEvents = async function* (sql: Sql, filter: AuditFilter): AsyncGenerator<RecordedEvent> {
  for (let before = ''; ; ) {
    const events = await findEvents(sql, { filter, before, limit: eventsAtOnce })
    yield* events
    if (events.length < eventsAtOnce) return
    before = events.at(-1)?.id ?? ''
  }
}
