import { withNetns } from '@slipway/linux'
import { runNft } from '../nft/run-nft.ts'
import { nameServerAddress } from './listen.ts'

export interface Ports {
  readonly udpPort: number
  readonly tcpPort: number
}

const table = 'slipway_dns'

/** What leads 127.0.0.11:53 to the name server's real ports. Takes the place of what an earlier daemon left. */
const redirectScript = ({ udpPort, tcpPort }: Ports): string =>
  [
    `add table ip ${table}`,
    `delete table ip ${table}`,
    `add table ip ${table}`,
    `add chain ip ${table} output { type nat hook output priority -100; policy accept; }`,
    `add rule ip ${table} output ip daddr ${nameServerAddress} udp dport 53 dnat to ${nameServerAddress}:${udpPort}`,
    `add rule ip ${table} output ip daddr ${nameServerAddress} tcp dport 53 dnat to ${nameServerAddress}:${tcpPort}`,
    '',
  ].join('\n')

/** Inside the namespace: a process is born where the thread is that spawns it. */
export const redirectIn = (netns: string, ports: Ports): Promise<void> =>
  withNetns(netns, () => runNft(redirectScript(ports)))
