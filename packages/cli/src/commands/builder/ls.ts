import { buildkitInfo, type GrpcClient, listWorkers } from '@slipway/buildkit/client'
import { withBuildKit } from '../../build/ask.ts'
import { defineCommand, none } from '../../command.ts'
import { text, toggle } from '../../flags/flag.ts'
import { compileFormat, printWith } from '../../format/inspect.ts'
import { alignTabs } from '../../format/table.ts'

const platformOf = ({ os, architecture, variant }: { os: string; architecture: string; variant: string }): string =>
  [os, architecture, variant].filter(Boolean).join('/')

/** The engine as a builder: the only one there is. */
export const describeBuilder = async (buildkit: GrpcClient, signal: AbortSignal) => {
  const [workers, info] = await Promise.all([listWorkers(buildkit, signal), buildkitInfo(buildkit, signal)])
  const node = {
    Name: 'default',
    Endpoint: 'default',
    Status: 'running',
    Version: info?.version ?? '',
    IDs: workers.map(({ id }) => id),
    Platforms: workers.flatMap(({ platforms }) => platforms.map(platformOf)),
    Labels: Object.fromEntries(workers.flatMap(({ labels }) => [...labels])),
    GCPolicy: workers.flatMap(({ gcPolicy }) => gcPolicy),
  }
  return { Name: 'default', Driver: 'docker', Current: true, Dynamic: false, Nodes: [node] }
}

export const command = defineCommand({
  names: ['builder ls'],
  usage: '[OPTIONS]',
  summary: 'List builder instances',
  operands: none,
  flags: {
    format: text('', 'Format the output', { shownDefault: '"table"' }),
    'no-trunc': toggle('', "Don't truncate output"),
  },
  run: async ({ flags: { format = 'table' }, session }) => {
    const builder = await withBuildKit(session, describeBuilder)
    const { stdout } = session.console
    if (format !== 'table') {
      printWith(stdout, compileFormat(format, 'list'), builder)
      return 0
    }
    const [node] = builder.Nodes
    const rows = [
      'NAME/NODE\tDRIVER/ENDPOINT\tSTATUS\tBUILDKIT\tPLATFORMS',
      `${builder.Name}*\t${builder.Driver}\t\t\t`,
      ` \\_ ${node?.Name}\t \\_ ${node?.Endpoint}\t${node?.Status}\t${node?.Version}\t${node?.Platforms.join(', ')}`,
    ]
    stdout.write(alignTabs(rows))
    return 0
  },
})
