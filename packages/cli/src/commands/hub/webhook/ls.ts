import { listWebhooks } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ago } from '../../../format/human.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, listFlags, printRows } from '../../../hub/list.ts'

const layout = layoutOf('ID', {
  ID: 'ID',
  URL: 'URL',
  Pattern: 'PATTERN',
  CreatedBy: 'CREATED BY',
  CreatedSince: 'CREATED',
})

export const command = defineCommand({
  names: ['hub webhook ls', 'hub webhook list'],
  usage: '[OPTIONS]',
  summary: 'List who is told of pushes and deletes',
  operands: none,
  flags: listFlags('IDs'),
  run: ({ flags, session }) =>
    withHub(session, flags.server, async (hub) => {
      const rows = (await listWebhooks(hub)).map(({ id, url, pattern, createdBy, createdAt }) => ({
        ID: id,
        URL: url,
        Pattern: pattern,
        CreatedBy: createdBy ?? '',
        CreatedSince: ago(new Date(createdAt)),
      }))
      return printRows(session, layout, rows, flags)
    }),
})
