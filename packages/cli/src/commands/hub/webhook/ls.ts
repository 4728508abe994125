import type { Webhook } from '@slipway/client'
import { listWebhooks } from '@slipway/client/hub/client'
import { ago } from '../../../format/human.ts'
import { listCommand } from '../../../hub/list.ts'

export const command = listCommand<Webhook>({
  names: ['hub webhook ls', 'hub webhook list'],
  summary: 'List who is told of pushes and deletes',
  quiet: ['ID', 'IDs'],
  columns: {
    ID: ['ID', ({ id }) => id],
    URL: ['URL', ({ url }) => url],
    Pattern: ['PATTERN', ({ pattern }) => pattern],
    CreatedBy: ['CREATED BY', ({ createdBy }) => createdBy ?? ''],
    CreatedSince: ['CREATED', ({ createdAt }) => ago(new Date(createdAt))],
  },
  list: listWebhooks,
})
