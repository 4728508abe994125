import { type HistoryItem, imageHistory } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { ago, ellipsis, humanSize, shortId } from '../../format/human.ts'
import { formatRows, type Row, type RowLayout } from '../../format/rows.ts'

const commandWidth = 45

const layout = (human: boolean): RowLayout => ({
  table: `{{.ID}}\t{{.${human ? 'CreatedSince' : 'CreatedAt'}}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
  quiet: '{{.ID}}',
  type: '*image.historyContext',
  headings: {
    ID: 'IMAGE',
    CreatedSince: 'CREATED',
    CreatedAt: 'CREATED AT',
    CreatedBy: 'CREATED BY',
    Size: 'SIZE',
    Comment: 'COMMENT',
  },
})

const rowOf = (item: HistoryItem, { full, human }: { readonly full: boolean; readonly human: boolean }): Row => {
  const created = new Date(item.Created * 1000)
  const by = item.CreatedBy.replaceAll('\t', ' ')
  return {
    ID: full ? item.Id : shortId(item.Id),
    CreatedSince: item.Created > 0 ? ago(created) : 'N/A',
    CreatedAt: created.toISOString().replace('.000Z', 'Z'),
    CreatedBy: full ? by : ellipsis(by, commandWidth),
    Size: human ? humanSize(item.Size, 3) : String(item.Size),
    Comment: item.Comment,
  }
}

export const command = defineCommand({
  names: ['image history', 'history'],
  usage: '[OPTIONS] IMAGE',
  summary: 'Show the history of an image',
  operands: exactly(1),
  flags: {
    format: text('', formatHelp),
    human: toggle('H', 'Print sizes and dates in human readable format', { initial: true }),
    'no-trunc': toggle('', "Don't truncate output"),
    quiet: toggle('q', 'Only show image IDs'),
  },
  run: async ({ flags, operands: [name = ''], session }) => {
    const { human, quiet, format } = flags
    const items = await imageHistory(await session.client(), name)
    const rows = items.map((item) => rowOf(item, { full: flags['no-trunc'], human }))
    session.console.stdout.write(formatRows(layout(human), rows, { format, quiet }))
    return 0
  },
})
