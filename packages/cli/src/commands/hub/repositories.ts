import { listRepositories } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../command.ts'
import { text, toggle } from '../../flags/flag.ts'
import { withHub } from '../../hub/connect.ts'
import { limitFlag, listFlags, printRows, take } from '../../hub/list.ts'
import { repositoryLayout, repositoryRow } from './repository-rows.ts'

export const command = defineCommand({
  names: ['hub repositories', 'hub repos', 'hub ls'],
  usage: '[OPTIONS]',
  summary: 'List the repositories that you may read',
  operands: none,
  flags: {
    ...listFlags('names'),
    limit: limitFlag,
    'no-trunc': toggle('', "Don't truncate output"),
    project: text('', 'Only those of a project'),
  },
  run: ({ flags, session }) =>
    withHub(session, flags.server, async (hub) => {
      const query = flags.project === undefined ? {} : { project: flags.project }
      const found = await take(listRepositories(hub, query), flags.limit)
      const rows = found.map((card) => repositoryRow(card, flags['no-trunc']))
      return printRows(session, repositoryLayout, rows, flags)
    }),
})
