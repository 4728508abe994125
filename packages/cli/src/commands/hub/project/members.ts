import { listMembers } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { ago } from '../../../format/human.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, limitFlag, listFlags, printRows, take } from '../../../hub/list.ts'

const layout = layoutOf('Name', { Name: 'NAME', Kind: 'KIND', Role: 'ROLE', AddedSince: 'ADDED' })

export const command = defineCommand({
  names: ['hub project members'],
  usage: '[OPTIONS] PROJECT',
  summary: 'List accounts and teams of a project, with their roles',
  operands: exactly(1),
  flags: { ...listFlags('names'), limit: limitFlag },
  run: ({ flags, operands: [project = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      const rows = (await take(listMembers(hub, project), flags.limit)).map(({ name, kind, role, addedAt }) => ({
        Name: name,
        Kind: kind,
        Role: role,
        AddedSince: ago(new Date(addedAt)),
      }))
      return printRows(session, layout, rows, flags)
    }),
})
