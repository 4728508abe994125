import { createHash } from 'node:crypto'
import type { NetworkConfig } from '@slipway/core'
import { checkBridgeName } from '../nft/table.ts'
import { bridgeNameOption } from './options.ts'

/** The link of a network: as its options say, or `br-` and the first 12 characters of its id. Throws invalid. */
export const bridgeNameOf = ({ id, options }: Pick<NetworkConfig, 'id' | 'options'>): string =>
  checkBridgeName(options[bridgeNameOption] ?? `br-${id.slice(0, 12)}`)

/** The host's end of a container's cable: the same for the same two, so that it can be found and repaired. */
export const hostInterfaceName = (containerId: string, networkId: string): string =>
  `veth${createHash('sha256').update(`${containerId} ${networkId}`).digest('hex').slice(0, 10)}`

/** By which a link is known that was made for a network: an administrator's own isn't taken away with it. */
export const aliasFor = ({ id }: Pick<NetworkConfig, 'id'>): string => `slipway ${id}`
