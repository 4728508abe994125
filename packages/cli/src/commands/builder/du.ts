import { diskUsage } from '@slipway/buildkit/client'
import { withBuildKit } from '../../build/ask.ts'
import { describeUsage, readUsageFilter, usageLayout, usageRow, usageTotals } from '../../build/usage.ts'
import { defineCommand, none } from '../../command.ts'
import { filters, text, toggle } from '../../flags/flag.ts'
import { formatRows } from '../../format/rows.ts'

export const command = defineCommand({
  names: ['builder du'],
  usage: '[OPTIONS]',
  summary: 'Disk usage',
  operands: none,
  flags: {
    filter: filters('Provide filter values', ''),
    format: text('', 'Format the output'),
    verbose: toggle('', 'Shorthand for "--format=pretty"'),
  },
  run: async ({ flags, session }) => {
    const { filter } = readUsageFilter(flags.filter)
    const found = await withBuildKit(session, (buildkit, signal) => diskUsage(buildkit, filter, signal))
    const records = found.toSorted((a, b) => a.size - b.size || (a.id < b.id ? -1 : 1))
    const { stdout } = session.console
    const isPretty = flags.verbose || flags.format === 'pretty'
    const isTable = flags.format === undefined || flags.format === 'table'
    if (isPretty) for (const record of records) stdout.write(describeUsage(record))
    else stdout.write(formatRows(usageLayout, records.map(usageRow), { format: flags.format }))
    // Of a part nobody wants the sum.
    if (filter.length === 0 && (isPretty || isTable)) stdout.write(usageTotals(records))
    return 0
  },
})
