import { inspectContainer, type PortMap } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { printLine } from '../../terminal/console.ts'

const withProtocol = (port: string): string => (port.includes('/') ? port : `${port}/tcp`)

const hostAddress = (ip = '', port = ''): string => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`

/** By number, then by protocol, then as the engine lists the addresses. */
const inOrder = (ports: PortMap): readonly string[] =>
  Object.keys(ports).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1))

export const command = defineCommand({
  names: ['container port', 'port'],
  usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  summary: 'List port mappings or a specific mapping for the container',
  operands: between(1, 2),
  flags: {},
  run: async ({ operands: [name = '', wanted], session }) => {
    const { NetworkSettings } = await inspectContainer(await session.client(), name)
    const ports = NetworkSettings.Ports ?? {}
    if (wanted !== undefined) {
      const [number = ''] = wanted.split('/')
      if (!/^\d+$/.test(number)) {
        const why = `strconv.ParseUint: parsing ${JSON.stringify(number)}: invalid syntax`
        throw new Exit(1, `Error: invalid port (${number}): ${why}`)
      }
      const bindings = ports[withProtocol(wanted)] ?? []
      if (bindings.length === 0) throw new Exit(1, `Error: No public port '${wanted}' published for ${name}`)
      for (const { HostIp, HostPort } of bindings) printLine(session.console, hostAddress(HostIp, HostPort))
      return 0
    }
    for (const port of inOrder(ports)) {
      for (const { HostIp, HostPort } of ports[port] ?? []) {
        printLine(session.console, `${port} -> ${hostAddress(HostIp, HostPort)}`)
      }
    }
    return 0
  },
})
