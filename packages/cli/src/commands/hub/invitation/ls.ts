import type { HubInvitation } from '@slipway/client'
import { listInvitations } from '@slipway/client/hub/client'
import { ago } from '../../../format/human.ts'
import { listCommand } from '../../../hub/list.ts'

export const command = listCommand<HubInvitation>({
  names: ['hub invitation ls', 'hub invitation list'],
  summary: 'List invitations that nobody has used yet',
  quiet: ['ID', 'IDs'],
  columns: {
    ID: ['ID', ({ id }) => id],
    Note: ['NOTE', ({ note }) => note],
    Grants: ['GRANTS', ({ grants }) => grants],
    CreatedBy: ['CREATED BY', ({ createdBy }) => createdBy ?? ''],
    CreatedSince: ['CREATED', ({ createdAt }) => ago(new Date(createdAt))],
    ExpiresAt: ['EXPIRES AT', ({ expiresAt }) => expiresAt],
  },
  list: listInvitations,
})
