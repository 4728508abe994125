import type { Team } from '@slipway/client'
import { listTeams } from '@slipway/client/hub/client'
import { listCommand } from '../../../hub/list.ts'

export const command = listCommand<Team>({
  names: ['hub team ls', 'hub team list'],
  summary: 'List teams, with the accounts in each',
  quiet: ['Name', 'names'],
  columns: {
    Name: ['NAME', ({ name }) => name],
    Description: ['DESCRIPTION', ({ description }) => description],
    Members: ['MEMBERS', ({ members }) => members.join(',')],
  },
  list: listTeams,
})
