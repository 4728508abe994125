import { Type } from '@sinclair/typebox'
import { about, moment, nullable, type Of, pageOf } from './schema.ts'

/** What was done, by whom; a line of the export as JSON lines too. */
export const HubAuditEvent = Type.Object({
  id: about('Sorts by time', Type.String()),
  at: moment,
  account: about("null: a stranger, or somebody at the machine's own command line", nullable(Type.String())),
  address: about('Where it was asked for; `command line (ann)` by that user of the machine', Type.String()),
  action: about(
    '`manifest.push`, `tag.delete`, `account.grant`, `login.failed`; `manifest.pull` only where the settings say so',
    Type.String(),
  ),
  repository: nullable(Type.String()),
  subject: about("What it was done to: a tag, a digest, an account, a token's id", nullable(Type.String())),
  detail: about('More about it: what was granted, to what a tag was rolled back', nullable(Type.String())),
  requestId: about("The same as in the log, in traces, and in the answer's X-Request-Id", Type.String()),
})
export type HubAuditEvent = Of<typeof HubAuditEvent>

/** The newest first. */
export const AuditPage = pageOf('events', HubAuditEvent)
export type AuditPage = Of<typeof AuditPage>

const time = 'ISO 8601, or `24h` for so long ago'

const filter = {
  repository: Type.Optional(Type.String({ description: '`team/app`, or `team/**` for all below' })),
  account: Type.Optional(Type.String()),
  action: Type.Optional(Type.String({ description: '`tag.delete`, or `tag.*`' })),
  subject: Type.Optional(Type.String({ description: 'a tag, a digest, an account that something was done to' })),
  address: Type.Optional(Type.String()),
  since: Type.Optional(Type.String({ description: `inclusive: ${time}` })),
  until: Type.Optional(Type.String({ description: `exclusive: ${time}` })),
}

export const AuditFilterQuery = Type.Object(filter)
export type AuditFilterQuery = Of<typeof AuditFilterQuery>

export const AuditListQuery = Type.Object({
  ...filter,
  before: Type.Optional(Type.String({ description: '`next` of the page before' })),
  n: Type.Optional(Type.Integer({ minimum: 0, maximum: 999_999_999, description: 'how many; at most 1000' })),
})
export type AuditListQuery = Of<typeof AuditListQuery>

export const AuditExportQuery = Type.Object({
  ...filter,
  format: Type.Optional(Type.Union([Type.Literal('jsonl'), Type.Literal('csv')])),
})
export type AuditExportQuery = Of<typeof AuditExportQuery>
