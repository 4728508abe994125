import type { WebhookDelivery } from '@slipway/client'
import { listDeliveries } from '@slipway/client/hub/client'
import { ago } from '../../../format/human.ts'
import { listCommand } from '../../../hub/list.ts'

export const command = listCommand<WebhookDelivery>({
  names: ['hub webhook deliveries'],
  operand: 'ID',
  summary: 'List what a webhook was told, the newest first',
  quiet: ['ID', 'IDs'],
  columns: {
    ID: ['ID', ({ id }) => id],
    Event: ['EVENT', ({ payload }) => payload.event],
    Repository: ['REPOSITORY', ({ payload }) => payload.repository],
    Tag: ['TAG', ({ payload }) => payload.tag],
    CreatedSince: ['WHEN', ({ createdAt }) => ago(new Date(createdAt))],
    Attempts: ['ATTEMPTS', ({ attempts }) => String(attempts)],
    Status: ['STATUS', ({ status, error }) => error ?? (status === null ? 'waiting' : String(status))],
    NextAt: ['NEXT AT', ({ nextAt }) => nextAt ?? ''],
  },
  shown: ['ID', 'Event', 'Repository', 'Tag', 'CreatedSince', 'Attempts', 'Status'],
  list: listDeliveries,
})
