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

export const command = defineCommand({
  names: ['network create'],
  usage: '[OPTIONS] NETWORK',
  summary: 'Create a network',
  operands: exactly(1),
  flags: {
    attachable: toggle('', 'Enable manual container attachment'),
    'aux-address': list('', 'Auxiliary IPv4 or IPv6 addresses used by Network driver', { placeholder: 'map' }),
    driver: text('d', 'Driver to manage the Network', { shownDefault: '"bridge"' }),
    gateway: list('', 'IPv4 or IPv6 Gateway for the master subnet', { placeholder: 'strings' }),
    internal: toggle('', 'Restrict external access to the network'),
    'ip-range': list('', 'Allocate container ip from a sub-range', { placeholder: 'strings' }),
    ipv4: toggle('', 'Enable or disable IPv4 address assignment', { initial: true, shownDefault: '' }),
    ipv6: toggle('', 'Enable or disable IPv6 address assignment'),
    label: list('', 'Set metadata on a network'),
    opt: list('o', 'Set driver specific options', { placeholder: 'map' }),
    subnet: list('', 'Subnet in CIDR format that represents a network segment', { placeholder: 'strings' }),
  },
  run: async ({ flags, operands: [name = ''], session }) => {
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
      ...(flags.ipv4 ? {} : { EnableIPv4: false }),
      ...(flags.ipv6 ? { EnableIPv6: true } : {}),
      IPAM: { Driver: 'default', Config: pools },
      Options: readPairs(flags.opt),
      Labels: readPairs(flags.label),
    })
    if (Warning) session.console.stderr.write(`${Warning}\n`)
    printLine(session.console, Id)
    return 0
  },
})
