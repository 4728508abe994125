import { listTeams } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, limitFlag, listFlags, printRows, take } from '../../../hub/list.ts'

const layout = layoutOf('Name', { Name: 'NAME', Description: 'DESCRIPTION', Members: 'MEMBERS' })

export const command = defineCommand({
  names: ['hub team ls', 'hub team list'],
  usage: '[OPTIONS]',
  summary: 'List teams, with the accounts in each',
  operands: none,
  flags: { ...listFlags('names'), limit: limitFlag },
  run: ({ flags, session }) =>
    withHub(session, flags.server, async (hub) => {
      const rows = (await take(listTeams(hub), flags.limit)).map(({ name, description, members }) => ({
        Name: name,
        Description: description,
        Members: members.join(','),
      }))
      return printRows(session, layout, rows, flags)
    }),
})
