import { listVolumes } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { formatRows } from '../../format/rows.ts'
import { volumeLayout, volumeRow } from './volume-row.ts'

export const command = defineCommand({
  names: ['volume ls', 'volume list'],
  usage: '[OPTIONS]',
  summary: 'List volumes',
  operands: none,
  flags: {
    filter: filters('Provide filter values (e.g. "dangling=true")'),
    format: text('', formatHelp),
    quiet: toggle('q', 'Only display volume names'),
  },
  run: async ({ flags: { filter, format, quiet }, session }) => {
    const { Volumes } = await listVolumes(await session.client(), filter)
    const rows = [...Volumes].sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true })).map(volumeRow)
    session.console.stdout.write(formatRows(volumeLayout, rows, { format, quiet }))
    return 0
  },
})
