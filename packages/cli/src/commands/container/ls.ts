import { listContainers } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, integer, text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { checkFormat, formatRows } from '../../format/rows.ts'
import { warnLine } from '../../terminal/console.ts'
import { containerLayout, containerRow } from './container-row.ts'

const needsSize = (format: string): boolean => format.includes('.Size') || /json \./.test(format)

export const command = defineCommand({
  names: ['container ls', 'container list', 'container ps', 'ps'],
  usage: '[OPTIONS]',
  summary: 'List containers',
  operands: none,
  flags: {
    all: toggle('a', 'Show all containers (default shows just running)'),
    filter: filters(),
    format: text('', formatHelp),
    last: integer('n', 'Show n last created containers (includes all states)', { shownDefault: '-1' }),
    latest: toggle('l', 'Show the latest created container (includes all states)'),
    'no-trunc': toggle('', "Don't truncate output"),
    quiet: toggle('q', 'Only display container IDs'),
    size: toggle('s', 'Display total file sizes'),
  },
  run: async ({ flags, session }) => {
    const { all, quiet } = flags
    const format = flags.format ?? (quiet ? undefined : (await session.config()).file.psFormat)
    if (quiet && flags.format) {
      warnLine(session.console, 'WARNING: Ignoring custom format, because both --format and --quiet are set.')
    }
    const layout = containerLayout({ size: flags.size })
    if (format) checkFormat(layout, format)
    const limit = flags.latest && flags.last === undefined ? 1 : (flags.last ?? -1)
    const size = flags.size || needsSize(format ?? '')
    const query = { all, size, filters: flags.filter, ...(limit > 0 ? { limit } : {}) }
    const found = await listContainers(await session.client(), query)
    const rows = found.map((container) => containerRow(container, { full: flags['no-trunc'] }))
    session.console.stdout.write(formatRows(layout, rows, { format: quiet ? undefined : format, quiet }))
    return 0
  },
})
