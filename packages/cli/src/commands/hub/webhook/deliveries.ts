import type { WebhookDelivery } from '@slipway/client'
import { listDeliveries } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { ago } from '../../../format/human.ts'
import type { Row } from '../../../format/rows.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, listFlags, printRows } from '../../../hub/list.ts'

const layout = layoutOf(
  'ID',
  {
    ID: 'ID',
    Event: 'EVENT',
    Repository: 'REPOSITORY',
    Tag: 'TAG',
    CreatedSince: 'WHEN',
    Attempts: 'ATTEMPTS',
    Status: 'STATUS',
    NextAt: 'NEXT AT',
  },
  ['ID', 'Event', 'Repository', 'Tag', 'CreatedSince', 'Attempts', 'Status'],
)

const rowOf = ({ id, payload, createdAt, attempts, status, error, nextAt }: WebhookDelivery): Row => ({
  ID: id,
  Event: payload.event,
  Repository: payload.repository,
  Tag: payload.tag,
  CreatedSince: ago(new Date(createdAt)),
  Attempts: String(attempts),
  Status: error ?? (status === null ? 'waiting' : String(status)),
  NextAt: nextAt ?? '',
})

export const command = defineCommand({
  names: ['hub webhook deliveries'],
  usage: '[OPTIONS] ID',
  summary: 'List what a webhook was told, the newest first',
  operands: exactly(1),
  flags: listFlags('IDs'),
  run: ({ flags, operands: [id = ''], session }) =>
    withHub(session, flags.server, async (hub) =>
      printRows(session, layout, (await listDeliveries(hub, id)).map(rowOf), flags),
    ),
})
