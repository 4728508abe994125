import { messageOf, type SystemInfo, systemInfo } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { currentContext } from '../../config/current-context.ts'
import { text } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { binarySize } from '../../format/human.ts'
import { compileFormat, printWith } from '../../format/inspect.ts'
import { warnLine } from '../../terminal/console.ts'
import { clientVersion } from '../../version.ts'

type Line = readonly [indent: number, label: string, value: string | number | boolean | undefined]

/** `name=seccomp,profile=builtin`: a line for the name, and one for each other word. */
const securityLines = (option: string): readonly Line[] =>
  option.split(',').map((pair): Line => {
    const [key = '', value = ''] = pair.split('=')
    return key === 'name' ? [2, value, undefined] : [3, `${key[0]?.toUpperCase()}${key.slice(1)}`, value]
  })

/** In docker's order; what is undefined isn't shown. */
const linesOf = (info: SystemInfo): readonly Line[] => [
  [1, 'Containers', info.Containers],
  [2, 'Running', info.ContainersRunning],
  [2, 'Paused', info.ContainersPaused],
  [2, 'Stopped', info.ContainersStopped],
  [1, 'Images', info.Images],
  [1, 'Server Version', info.ServerVersion],
  [1, 'Storage Driver', info.Driver],
  ...(info.DriverStatus ?? []).map(([name, value]): Line => [2, name, value]),
  [1, 'Logging Driver', info.LoggingDriver],
  [1, 'Cgroup Driver', info.CgroupDriver],
  [1, 'Cgroup Version', info.CgroupVersion],
  [1, 'Plugins', ''],
  [2, 'Volume', info.Plugins?.Volume?.join(' ')],
  [2, 'Network', info.Plugins?.Network?.join(' ')],
  [2, 'Log', info.Plugins?.Log?.join(' ')],
  [1, 'Swarm', info.Swarm?.LocalNodeState],
  [1, 'Runtimes', Object.keys(info.Runtimes ?? {}).join(' ')],
  [1, 'Default Runtime', info.DefaultRuntime],
  [1, 'Init Binary', info.InitBinary || undefined],
  [1, 'Security Options', info.SecurityOptions?.length ? '' : undefined],
  ...(info.SecurityOptions ?? []).flatMap(securityLines),
  [1, 'Kernel Version', info.KernelVersion],
  [1, 'Operating System', info.OperatingSystem],
  [1, 'OSType', info.OSType],
  [1, 'Architecture', info.Architecture],
  [1, 'CPUs', info.NCPU],
  [1, 'Total Memory', binarySize(info.MemTotal)],
  [1, 'Name', info.Name],
  [1, 'ID', info.ID],
  [1, 'Docker Root Dir', info.DockerRootDir],
  [1, 'Debug Mode', info.Debug],
  [1, 'HTTP Proxy', info.HttpProxy || undefined],
  [1, 'HTTPS Proxy', info.HttpsProxy || undefined],
  [1, 'No Proxy', info.NoProxy || undefined],
  [1, 'Labels', info.Labels?.length ? info.Labels.join(' ') : undefined],
  [1, 'Experimental', info.ExperimentalBuild],
  [1, 'Insecure Registries', info.RegistryConfig?.InsecureRegistryCIDRs?.length ? '' : undefined],
  ...(info.RegistryConfig?.InsecureRegistryCIDRs ?? []).map((cidr): Line => [2, cidr, undefined]),
  [1, 'Registry Mirrors', info.RegistryConfig?.Mirrors?.length ? '' : undefined],
  ...(info.RegistryConfig?.Mirrors ?? []).map((mirror): Line => [2, mirror, undefined]),
  [1, 'Live Restore Enabled', info.LiveRestoreEnabled],
]

const show = ([indent, label, value]: Line): string => {
  const start = `${' '.repeat(indent)}${label}`
  if (value === undefined) return indent === 2 ? `${start}\n` : ''
  return `${start}:${value === '' ? '' : ` ${value}`}\n`
}

/** docker's client tells of itself there. */
const aboutClient = (context: string) => ({
  Debug: false,
  Version: clientVersion,
  Context: context,
  Plugins: [],
  Warnings: null,
})

const showClient = (context: string): string =>
  `Client: Slipway\n Version:    ${clientVersion}\n Context:    ${context}\n Debug Mode: false\n`

export const command = defineCommand({
  names: ['system info', 'info'],
  usage: '[OPTIONS]',
  summary: 'Display system-wide information',
  operands: none,
  flags: { format: text('f', inspectFormatHelp) },
  run: async ({ flags: { format }, session }) => {
    const { stdout } = session.console
    const { env, global } = session
    const context = currentContext({ flags: global, env, file: (await session.config()).file })
    const info = await session
      .client()
      .then(systemInfo)
      .catch((error: unknown) => error as Error)
    if (info instanceof Error) {
      if (!format) stdout.write(`${showClient(context)}\nServer:\n`)
      warnLine(session.console, messageOf(info))
      return 1
    }
    if (format)
      printWith(stdout, compileFormat(format, 'info', 'system.dockerInfo'), {
        ...info,
        ClientInfo: aboutClient(context),
      })
    else stdout.write(`${showClient(context)}\nServer:\n${linesOf(info).map(show).join('')}\n`)
    for (const warning of info.Warnings ?? []) warnLine(session.console, warning)
    return 0
  },
})
