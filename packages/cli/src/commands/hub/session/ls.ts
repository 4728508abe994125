import { listSessions } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ago, agoOrNever } from '../../../format/human.ts'
import { layoutOf, listFlags, printRows } from '../../../hub/list.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'

const layout = layoutOf('ID', {
  ID: 'ID',
  Address: 'ADDRESS',
  Agent: 'BROWSER',
  CreatedSince: 'SIGNED IN',
  UsedSince: 'USED',
})

export const command = defineCommand({
  names: ['hub session ls', 'hub session list'],
  usage: '[OPTIONS]',
  summary: 'List the browsers in which you are signed in',
  operands: none,
  flags: { ...listFlags('IDs'), ...ownerFlags },
  run: ({ flags, session }) =>
    withOwner(session, flags, async (hub) => {
      // Our own ends with this command.
      const others = (await listSessions(hub)).filter(({ isThis }) => !isThis)
      const rows = others.map(({ id, address, agent, createdAt, usedAt }) => ({
        ID: id,
        Address: address,
        Agent: agent,
        CreatedSince: ago(new Date(createdAt)),
        UsedSince: agoOrNever(usedAt),
      }))
      return printRows(session, layout, rows, flags)
    }),
})
