import { listInvitations } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ago } from '../../../format/human.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, listFlags, printRows } from '../../../hub/list.ts'

const layout = layoutOf('ID', {
  ID: 'ID',
  Note: 'NOTE',
  Grants: 'GRANTS',
  CreatedBy: 'CREATED BY',
  CreatedSince: 'CREATED',
  ExpiresAt: 'EXPIRES AT',
})

export const command = defineCommand({
  names: ['hub invitation ls', 'hub invitation list'],
  usage: '[OPTIONS]',
  summary: 'List invitations that nobody has used yet',
  operands: none,
  flags: listFlags('IDs'),
  run: ({ flags, session }) =>
    withHub(session, flags.server, async (hub) => {
      const rows = (await listInvitations(hub)).map(({ id, note, grants, createdBy, createdAt, expiresAt }) => ({
        ID: id,
        Note: note,
        Grants: grants,
        CreatedBy: createdBy ?? '',
        CreatedSince: ago(new Date(createdAt)),
        ExpiresAt: expiresAt,
      }))
      return printRows(session, layout, rows, flags)
    }),
})
