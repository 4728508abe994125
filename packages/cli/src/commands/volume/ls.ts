import { listVolumes, type Volume } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { formatRows, joinLabels, type Row, type RowLayout } from '../../format/rows.ts'

const layout: RowLayout = {
  table: '{{.Driver}}\t{{.Name}}',
  quiet: '{{.Name}}',
  type: '*formatter.volumeContext',
  methods: ['Label'],
  headings: {
    Driver: 'DRIVER',
    Name: 'VOLUME NAME',
    Scope: 'SCOPE',
    Mountpoint: 'MOUNTPOINT',
    Labels: 'LABELS',
    Availability: 'AVAILABILITY',
    Group: 'GROUP',
    Links: 'LINKS',
    Size: 'SIZE',
    Status: 'STATUS',
  },
}

/** What only a cluster's volumes have, and what the list doesn't measure. */
const unknown = 'N/A'

const rowOf = ({ Name, Driver, Scope, Mountpoint, Labels }: Volume): Row => ({
  Name,
  Driver,
  Scope,
  Mountpoint,
  Labels: joinLabels(Labels),
  Availability: unknown,
  Group: unknown,
  Links: unknown,
  Size: unknown,
  Status: unknown,
  Label: (name) => Labels?.[String(name)] ?? '',
})

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
    const rows = [...Volumes].sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true })).map(rowOf)
    session.console.stdout.write(formatRows(layout, rows, { format, quiet }))
    return 0
  },
})
