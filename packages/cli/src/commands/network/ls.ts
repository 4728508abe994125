import { listNetworks, type NetworkInspect } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { goTime, shortId } from '../../format/human.ts'
import { formatRows, joinLabels, type Row, type RowLayout } from '../../format/rows.ts'

const layout: RowLayout = {
  table: '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}',
  quiet: '{{.ID}}',
  type: '*network.networkContext',
  methods: ['Label'],
  headings: {
    ID: 'NETWORK ID',
    Name: 'NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    IPv4: 'IPV4',
    IPv6: 'IPV6',
    Internal: 'INTERNAL',
    Labels: 'LABELS',
    CreatedAt: 'CREATED AT',
  },
}

const rowOf = (network: NetworkInspect, full: boolean): Row => ({
  ID: full ? network.Id : shortId(network.Id),
  Name: network.Name,
  Driver: network.Driver,
  Scope: network.Scope,
  IPv4: String(network.EnableIPv4 ?? true),
  IPv6: String(network.EnableIPv6),
  Internal: String(network.Internal),
  Labels: joinLabels(network.Labels),
  Label: (name) => network.Labels?.[String(name)] ?? '',
  CreatedAt: goTime(new Date(network.Created)),
})

export const command = defineCommand({
  names: ['network ls', 'network list'],
  usage: '[OPTIONS]',
  summary: 'List networks',
  operands: none,
  flags: {
    filter: filters('Provide filter values (e.g. "driver=bridge")'),
    format: text('', formatHelp),
    'no-trunc': toggle('', 'Do not truncate the output'),
    quiet: toggle('q', 'Only display network IDs'),
  },
  run: async ({ flags, session }) => {
    const networks = await listNetworks(await session.client(), flags.filter)
    const rows = [...networks]
      .sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true }))
      .map((network) => rowOf(network, flags['no-trunc']))
    session.console.stdout.write(formatRows(layout, rows, { format: flags.format, quiet: flags.quiet }))
    return 0
  },
})
