import type { ProjectRow } from '@slipway/client'
import { listProjects } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { text, toggle } from '../../../flags/flag.ts'
import { ago, humanSize } from '../../../format/human.ts'
import type { Row } from '../../../format/rows.ts'
import { withHub } from '../../../hub/connect.ts'
import { layoutOf, limitFlag, listFlags, printRows, take } from '../../../hub/list.ts'

const layout = layoutOf(
  'Name',
  {
    Name: 'NAME',
    Visibility: 'VISIBILITY',
    Repositories: 'REPOSITORIES',
    Used: 'USED',
    Quota: 'QUOTA',
    Description: 'DESCRIPTION',
    CreatedSince: 'CREATED',
  },
  ['Name', 'Visibility', 'Repositories', 'Used', 'Quota', 'CreatedSince'],
)

const sizeOr = (size: number | null): string => (size === null ? '-' : humanSize(size))

const rowOf = (project: ProjectRow): Row => ({
  Name: project.name,
  Visibility: project.visibility,
  Repositories: String(project.repositories),
  Used: sizeOr(project.used),
  Quota: sizeOr(project.quota),
  Description: project.description,
  CreatedSince: ago(new Date(project.createdAt)),
})

export const command = defineCommand({
  names: ['hub project ls', 'hub project list'],
  usage: '[OPTIONS]',
  summary: 'List the projects that you may see',
  operands: none,
  flags: {
    ...listFlags('names'),
    limit: limitFlag,
    mine: toggle('', 'Only those in which you have a right'),
    search: text('', 'Only those whose name or description holds this'),
  },
  run: ({ flags: { mine, search, ...flags }, session }) =>
    withHub(session, flags.server, async (hub) => {
      const query = { ...(mine ? { mine } : {}), ...(search === undefined ? {} : { q: search }) }
      const found = await take(listProjects(hub, query), flags.limit)
      return printRows(session, layout, found.map(rowOf), flags)
    }),
})
