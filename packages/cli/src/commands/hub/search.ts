import { listRepositories } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../command.ts'
import { toggle } from '../../flags/flag.ts'
import { withHub } from '../../hub/connect.ts'
import { limitFlag, listFlags, printRows, take } from '../../hub/list.ts'
import { repositoryLayout, repositoryRow } from './repository-rows.ts'

const usualLimit = 25

export const command = defineCommand({
  names: ['hub search'],
  usage: '[OPTIONS] TERM',
  summary: 'Search names and descriptions of repositories',
  operands: exactly(1),
  flags: {
    ...listFlags('names'),
    limit: { ...limitFlag, shownDefault: String(usualLimit) },
    'no-trunc': toggle('', "Don't truncate output"),
  },
  run: ({ flags, operands: [q = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      const found = await take(listRepositories(hub, { q }), flags.limit ?? usualLimit)
      const rows = found.map((card) => repositoryRow(card, flags['no-trunc']))
      return printRows(session, repositoryLayout, rows, flags)
    }),
})
