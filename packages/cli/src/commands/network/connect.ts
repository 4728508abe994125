import { connectNetwork } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { endpointOf } from '../../container-options/network.ts'
import { integer, list, text } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['network connect'],
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Connect a container to a network',
  operands: exactly(2),
  flags: {
    alias: list('', 'Add network-scoped alias for the container', { placeholder: 'strings' }),
    'driver-opt': list('', 'driver options for the network', { placeholder: 'strings' }),
    'gw-priority': integer(
      '',
      'Highest gw-priority provides the default gateway. Accepts positive and negative values.',
    ),
    ip: text('', 'IPv4 address (e.g., "172.30.100.104")'),
    ip6: text('', 'IPv6 address (e.g., "2001:db8::33")'),
    link: list('', 'Add link to another container'),
    'link-local-ip': list('', 'Add a link-local address for the container', { placeholder: 'strings' }),
  },
  run: async ({ flags, operands: [network = '', container = ''], session }) => {
    const endpoint = endpointOf({
      aliases: flags.alias,
      ip: flags.ip,
      ip6: flags.ip6,
      linkLocal: flags['link-local-ip'],
      driverOptions: flags['driver-opt'],
      priority: flags['gw-priority'] === undefined ? undefined : String(flags['gw-priority']),
    })
    await connectNetwork(await session.client(), network, {
      Container: container,
      EndpointConfig: { ...endpoint, ...(flags.link.length === 0 ? {} : { Links: flags.link }) },
    })
    return 0
  },
})
