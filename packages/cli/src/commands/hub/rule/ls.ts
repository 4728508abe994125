import { listRules } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, listFlags, printRows } from '../../../hub/list.ts'

const layout = layoutOf('ID', {
  ID: 'ID',
  Kind: 'KIND',
  Repositories: 'REPOSITORIES',
  Tags: 'TAGS',
  KeepLatest: 'KEEP LATEST',
  KeepDays: 'KEEP DAYS',
})

export const command = defineCommand({
  names: ['hub rule ls', 'hub rule list'],
  usage: '[OPTIONS] PROJECT',
  summary: 'List what is immutable in a project, and what is kept',
  operands: exactly(1),
  flags: listFlags('IDs'),
  run: ({ flags, operands: [project = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      const rows = (await listRules(hub, project)).map((rule) => ({
        ID: rule.id,
        Kind: rule.kind,
        Repositories: rule.repositories,
        Tags: rule.tags,
        KeepLatest: rule.keepLatest === null ? '-' : String(rule.keepLatest),
        KeepDays: rule.keepDays === null ? '-' : String(rule.keepDays),
      }))
      return printRows(session, layout, rows, flags)
    }),
})
