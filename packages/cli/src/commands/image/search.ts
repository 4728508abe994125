import { type SearchResult, searchImages } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { findCredentials, serverOfImage } from '../../config/credentials.ts'
import { filters, integer, text, toggle } from '../../flags/flag.ts'
import { ellipsis } from '../../format/human.ts'
import { formatRows, type Row, type RowLayout } from '../../format/rows.ts'

const descriptionWidth = 45

const layout: RowLayout = {
  table: '{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}',
  quiet: '{{.Name}}',
  type: '*registry.searchContext',
  headings: {
    Name: 'NAME',
    Description: 'DESCRIPTION',
    StarCount: 'STARS',
    IsOfficial: 'OFFICIAL',
    IsAutomated: 'AUTOMATED',
  },
}

const rowOf = (found: SearchResult, full: boolean): Row => {
  const description = found.description.replace(/[\r\n]+/g, ' ')
  return {
    Name: found.name,
    Description: full ? description : ellipsis(description, descriptionWidth),
    StarCount: String(found.star_count),
    IsOfficial: found.is_official ? '[OK]' : '',
    IsAutomated: found.is_automated ? '[OK]' : '',
  }
}

export const command = defineCommand({
  names: ['search'],
  usage: '[OPTIONS] TERM',
  summary: 'Search a registry for images',
  operands: exactly(1),
  flags: {
    filter: filters(),
    format: text('', 'Pretty-print search using a Go template'),
    limit: integer('', 'Max number of search results'),
    'no-trunc': toggle('', "Don't truncate output"),
  },
  run: async ({ flags, operands: [term = ''], session }) => {
    const auth = await findCredentials(await session.config(), serverOfImage(term))
    const wanted = { limit: flags.limit, filters: flags.filter, auth }
    const found = await searchImages(await session.client(), term, wanted)
    const rows = [...found].sort((a, b) => b.star_count - a.star_count).map((one) => rowOf(one, flags['no-trunc']))
    session.console.stdout.write(formatRows(layout, rows, { format: flags.format }))
    return 0
  },
})
