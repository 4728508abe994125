import type { HubAccount } from '@slipway/client'
import { listAccounts } from '@slipway/client/hub/client'
import { ago } from '../../../format/human.ts'
import { listCommand } from '../../../hub/list.ts'

export const command = listCommand<HubAccount>({
  names: ['hub people ls', 'hub people list'],
  summary: 'List accounts and robots, and what they may do',
  quiet: ['Name', 'names'],
  columns: {
    Name: ['NAME', ({ name }) => name],
    Kind: ['KIND', ({ kind }) => kind],
    Grants: [
      'GRANTS',
      ({ grants }) => grants.map(({ pattern, actions }) => `${pattern}:${actions.join(',')}`).join(' '),
    ],
    CreatedSince: ['CREATED', ({ createdAt }) => ago(new Date(createdAt))],
    Status: ['STATUS', ({ disabledAt }) => (disabledAt === null ? 'active' : 'disabled')],
  },
  list: listAccounts,
})
