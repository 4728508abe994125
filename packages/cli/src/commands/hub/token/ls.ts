import { listTokens } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ago } from '../../../format/human.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, listFlags, printRows } from '../../../hub/list.ts'

const layout = layoutOf('ID', {
  ID: 'ID',
  Name: 'NAME',
  Limits: 'LIMITS',
  CreatedSince: 'CREATED',
  ExpiresAt: 'EXPIRES AT',
  UsedSince: 'USED',
})

export const command = defineCommand({
  names: ['hub token ls', 'hub token list'],
  usage: '[OPTIONS]',
  summary: 'List your access tokens',
  operands: none,
  flags: listFlags('IDs'),
  run: ({ flags, session }) =>
    withHub(session, flags.server, async (hub) => {
      const rows = (await listTokens(hub)).map(({ id, name, limits, createdAt, expiresAt, usedAt }) => ({
        ID: id,
        Name: name,
        Limits: limits ?? '',
        CreatedSince: ago(new Date(createdAt)),
        ExpiresAt: expiresAt ?? 'never',
        UsedSince: usedAt === null ? 'never' : ago(new Date(usedAt)),
      }))
      return printRows(session, layout, rows, flags)
    }),
})
