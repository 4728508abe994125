import { messageOf, newestApiVersion, type SystemVersion, systemVersion } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { text } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { compileFormat, printWith } from '../../format/inspect.ts'
import { warnLine } from '../../terminal/console.ts'
import { clientVersion } from '../../version.ts'

const labelWidth = 18

const line = (indent: number, label: string, value: string): string =>
  `${' '.repeat(indent)}${`${label}:`.padEnd(labelWidth + 1 - indent)} ${value}\n`

const architectures: Readonly<Record<string, string>> = { x64: 'amd64' }

const clientFacts = (apiVersion: string): Readonly<Record<string, string>> => ({
  Version: clientVersion,
  ApiVersion: apiVersion,
  DefaultAPIVersion: newestApiVersion,
  NodeVersion: process.version,
  Os: process.platform,
  Arch: architectures[process.arch] ?? process.arch,
})

const showClient = (facts: Readonly<Record<string, string>>): string =>
  [
    'Client: Slipway\n',
    line(1, 'Version', facts['Version'] ?? ''),
    line(1, 'API version', facts['ApiVersion'] ?? ''),
    line(1, 'Node version', facts['NodeVersion'] ?? ''),
    line(1, 'OS/Arch', `${facts['Os']}/${facts['Arch']}`),
  ].join('')

const showServer = (server: SystemVersion): string => {
  const [engine, ...others] = server.Components ?? []
  return [
    `\nServer:${server.Platform?.Name ? ` ${server.Platform.Name}` : ''}\n`,
    ` ${engine?.Name ?? 'Engine'}:\n`,
    line(2, 'Version', server.Version),
    line(2, 'API version', `${server.ApiVersion} (minimum version ${server.MinAPIVersion})`),
    line(2, 'OS/Arch', `${server.Os}/${server.Arch}`),
    line(2, 'Kernel', server.KernelVersion),
    ...others.map(({ Name, Version }) => ` ${Name}:\n${line(2, 'Version', Version)}`),
  ].join('')
}

export const command = defineCommand({
  names: ['version'],
  usage: '[OPTIONS]',
  summary: 'Show the version information',
  operands: none,
  flags: { format: text('f', inspectFormatHelp) },
  run: async ({ flags: { format }, session }) => {
    const { stdout } = session.console
    const client = await session.client().catch((error: unknown) => error as Error)
    const server =
      client instanceof Error ? client : await systemVersion(client).catch((error: unknown) => error as Error)
    const facts = clientFacts(client instanceof Error ? newestApiVersion : client.apiVersion)
    const Server = server instanceof Error ? null : server
    if (format) printWith(stdout, compileFormat(format, 'version', 'system.versionInfo'), { Client: facts, Server })
    else stdout.write(showClient(facts) + (Server === null ? '' : showServer(Server)))
    if (!(server instanceof Error)) return 0
    warnLine(session.console, messageOf(server))
    return 1
  },
})
