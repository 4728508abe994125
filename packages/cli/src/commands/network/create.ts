import { createNetwork, type IpamPool } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { readPairs } from '../../container-options/pairs.ts'
import { Exit } from '../../exit.ts'
import { list, text, toggle } from '../../flags/flag.ts'
import { printLine } from '../../terminal/console.ts'
import { ipamPools } from './ipam-pools.ts'

const poolsOf = (wanted: Parameters<typeof ipamPools>[0]): readonly IpamPool[] => {
  try {
    return ipamPools(wanted)
  } catch (error) {
    throw new Exit(1, error instanceof Error ? error.message : String(error), { cause: error })
  }
}

const mapLooks = { placeholder: 'map', shownDefault: 'map[]' } as const

export const command = defineCommand({
  names: ['network create'],
  usage: '[OPTIONS] NETWORK',
  summary: 'Create a network',
  operands: exactly(1),
  flags: {
    attachable: toggle('', 'Enable manual container attachment'),
    'aux-address': list('', 'Auxiliary IPv4 or IPv6 addresses used by Network driver', mapLooks),
    'config-from': text('', 'The network from which to copy the configuration'),
    'config-only': toggle('', 'Create a configuration only network'),
    driver: text('d', 'Driver to manage the Network', { shownDefault: '"bridge"' }),
    gateway: list('', 'IPv4 or IPv6 Gateway for the master subnet', { placeholder: 'strings' }),
    ingress: toggle('', 'Create swarm routing-mesh network'),
    internal: toggle('', 'Restrict external access to the network'),
    'ip-range': list('', 'Allocate container ip from a sub-range', { placeholder: 'strings' }),
    'ipam-driver': text('', 'IP Address Management Driver', { shownDefault: '"default"' }),
    'ipam-opt': list('', 'Set IPAM driver specific options', mapLooks),
    ipv4: toggle('', 'Enable or disable IPv4 address assignment', { initial: true }),
    ipv6: toggle('', 'Enable or disable IPv6 address assignment'),
    label: list('', 'Set metadata on a network'),
    opt: list('o', 'Set driver specific options', mapLooks),
    scope: text('', "Control the network's scope"),
    subnet: list('', 'Subnet in CIDR format that represents a network segment', { placeholder: 'strings' }),
  },
  run: async ({ flags, given, operands: [name = ''], session }) => {
    const pools = poolsOf({
      subnets: flags.subnet,
      ranges: flags['ip-range'],
      gateways: flags.gateway,
      auxiliary: readPairs(flags['aux-address']),
    })
    const { Id, Warning } = await createNetwork(await session.client(), {
      Name: name,
      Driver: flags.driver ?? 'bridge',
      Internal: flags.internal,
      Attachable: flags.attachable,
      ...(given.has('ipv4') ? { EnableIPv4: flags.ipv4 } : {}),
      ...(given.has('ipv6') ? { EnableIPv6: flags.ipv6 } : {}),
      ...(flags.scope === undefined ? {} : { Scope: flags.scope }),
      ...(flags.ingress ? { Ingress: true } : {}),
      ...(flags['config-only'] ? { ConfigOnly: true } : {}),
      ...(flags['config-from'] === undefined ? {} : { ConfigFrom: { Network: flags['config-from'] } }),
      IPAM: {
        Driver: flags['ipam-driver'] ?? 'default',
        Config: pools,
        ...(flags['ipam-opt'].length > 0 ? { Options: readPairs(flags['ipam-opt']) } : {}),
      },
      Options: readPairs(flags.opt),
      Labels: readPairs(flags.label),
    })
    if (Warning) session.console.stderr.write(`${Warning}\n`)
    printLine(session.console, Id)
    return 0
  },
})
