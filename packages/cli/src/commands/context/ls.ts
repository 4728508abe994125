import { dirname } from 'node:path'
import { defineCommand, none } from '../../command.ts'
import { listContexts } from '../../config/contexts.ts'
import { currentContext, hostVariable, implicitContext } from '../../config/current-context.ts'
import { text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { formatRows, type RowLayout } from '../../format/rows.ts'
import { warnLine } from '../../terminal/console.ts'

const layout: RowLayout = {
  table: '{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}',
  quiet: '{{.Name}}',
  type: '*formatter.clientContextContext',
  headings: {
    Current: '',
    Name: 'NAME',
    Description: 'DESCRIPTION',
    DockerEndpoint: 'DOCKER ENDPOINT',
    Error: 'ERROR',
  },
}

const implicitDescription = 'Current DOCKER_HOST based configuration'

export const command = defineCommand({
  names: ['context ls', 'context list'],
  usage: '[OPTIONS]',
  summary: 'List contexts',
  operands: none,
  flags: { format: text('', formatHelp), quiet: toggle('q', 'Only show context names') },
  run: async ({ flags, session: { console, env, global, config } }) => {
    const { path, file } = await config()
    const current = currentContext({ flags: global, env, file })
    const implicit = implicitContext({ flags: global, env })
    const all = [
      { ...implicit, Metadata: { Description: implicitDescription } },
      ...(await listContexts(dirname(path))),
    ]
    const rows = all.map(({ Name, Metadata, Endpoints }) => ({
      Current: Name === current,
      Description: Metadata.Description ?? '',
      DockerEndpoint: Endpoints.docker?.Host ?? '',
      Error: '',
      Name,
    }))
    console.stdout.write(formatRows(layout, rows, flags))
    const variable = hostVariable(env)
    const overridden = variable !== undefined && (file.currentContext ?? 'default') !== 'default'
    if (overridden && !flags.quiet && !flags.format) {
      warnLine(
        console,
        `Warning: ${variable} environment variable overrides the active context. To use a context, either set the global --context flag, or unset ${variable} environment variable.`,
      )
    }
    return 0
  },
})
