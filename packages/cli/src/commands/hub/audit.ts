import { pipeline } from 'node:stream/promises'
import type { AuditExportQuery, HubAuditEvent } from '@slipway/client'
import { exportAudit, listAudit } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { text } from '../../flags/flag.ts'
import type { Row } from '../../format/rows.ts'
import { withHub } from '../../hub/connect.ts'
import { layoutOf, limitFlag, listFlags, printRows, take } from '../../hub/list.ts'

const usualLimit = 100
const largestPage = 1000

const layout = layoutOf(
  'ID',
  {
    At: 'AT',
    Account: 'ACCOUNT',
    Action: 'ACTION',
    Repository: 'REPOSITORY',
    Subject: 'SUBJECT',
    Detail: 'DETAIL',
    Address: 'ADDRESS',
    RequestID: 'REQUEST ID',
    ID: 'ID',
  },
  ['At', 'Account', 'Action', 'Repository', 'Subject', 'Address'],
)

const rowOf = (event: HubAuditEvent): Row => ({
  At: event.at,
  Account: event.account ?? '-',
  Action: event.action,
  Repository: event.repository ?? '',
  Subject: event.subject ?? '',
  Detail: event.detail ?? '',
  Address: event.address,
  RequestID: event.requestId,
  ID: event.id,
})

const filterFlags = {
  account: text('', 'Only what this account has done'),
  action: text('', 'Only this: tag.delete, or tag.*'),
  address: text('', 'Only from this address'),
  since: text('', 'Not before this time (2026-11-30, or 24h for so long ago)'),
  subject: text('', 'Only what was done to this tag, digest or account'),
  until: text('', 'Before this time'),
} as const

const formatFrom = (name: string): 'jsonl' | 'csv' => {
  if (name === 'jsonl' || name === 'csv') return name
  throw new Exit(1, `invalid format ${JSON.stringify(name)}: use jsonl or csv`)
}

export const command = defineCommand({
  names: ['hub audit'],
  usage: '[OPTIONS] [REPOSITORY]',
  summary: 'Show what was done, and by whom, the newest first',
  operands: between(0, 1),
  flags: {
    ...listFlags('IDs'),
    ...filterFlags,
    export: text('', 'All of it, for programs: jsonl or csv'),
    limit: { ...limitFlag, shownDefault: String(usualLimit) },
  },
  run: ({ flags, operands: [repository], session }) => {
    const given = Object.keys(filterFlags).map((name) => [name, flags[name as keyof typeof filterFlags]] as const)
    const filter: AuditExportQuery = Object.fromEntries(
      [...given, ['repository', repository]].filter(([, value]) => value),
    )
    return withHub(session, flags.server, async (hub) => {
      if (flags.export !== undefined) {
        const bytes = await exportAudit(hub, { ...filter, format: formatFrom(flags.export) })
        await pipeline(bytes, session.console.stdout, { end: false })
        return 0
      }
      const limit = flags.limit ?? usualLimit
      const events = await take(listAudit(hub, { ...filter, n: Math.min(limit, largestPage) }), limit)
      return printRows(session, layout, events.map(rowOf), flags)
    })
  },
})
