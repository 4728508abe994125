import { listRobots } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { ago } from '../../../format/human.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, listFlags, printRows } from '../../../hub/list.ts'

const layout = layoutOf('Name', {
  Name: 'NAME',
  Rights: 'RIGHTS',
  Description: 'DESCRIPTION',
  ExpiresAt: 'EXPIRES AT',
  UsedSince: 'USED',
})

export const command = defineCommand({
  names: ['hub robot ls', 'hub robot list'],
  usage: '[OPTIONS] PROJECT',
  summary: 'List a project’s accounts for programs',
  operands: exactly(1),
  flags: listFlags('names'),
  run: ({ flags, operands: [project = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      const rows = (await listRobots(hub, project)).map(({ name, rights, description, expiresAt, usedAt }) => ({
        Name: name,
        Rights: rights,
        Description: description,
        ExpiresAt: expiresAt ?? 'never',
        UsedSince: usedAt === null ? 'never' : ago(new Date(usedAt)),
      }))
      return printRows(session, layout, rows, flags)
    }),
})
