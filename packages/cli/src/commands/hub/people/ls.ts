import type { HubAccount } from '@slipway/client'
import { listAccounts } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ago } from '../../../format/human.ts'
import type { Row } from '../../../format/rows.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, limitFlag, listFlags, printRows, take } from '../../../hub/list.ts'

const layout = layoutOf('Name', {
  Name: 'NAME',
  Kind: 'KIND',
  Grants: 'GRANTS',
  CreatedSince: 'CREATED',
  Status: 'STATUS',
})

const rowOf = ({ name, kind, grants, createdAt, disabledAt }: HubAccount): Row => ({
  Name: name,
  Kind: kind,
  Grants: grants.map(({ pattern, actions }) => `${pattern}:${actions.join(',')}`).join(' '),
  CreatedSince: ago(new Date(createdAt)),
  Status: disabledAt === null ? 'active' : 'disabled',
})

export const command = defineCommand({
  names: ['hub people ls', 'hub people list'],
  usage: '[OPTIONS]',
  summary: 'List accounts and robots, and what they may do',
  operands: none,
  flags: { ...listFlags('names'), limit: limitFlag },
  run: ({ flags, session }) =>
    withHub(session, flags.server, async (hub) =>
      printRows(session, layout, (await take(listAccounts(hub), flags.limit)).map(rowOf), flags),
    ),
})
