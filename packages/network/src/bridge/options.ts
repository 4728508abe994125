import { invalid, type NetworkConfig } from '@slipway/core'

/** Docker's names for what a bridge network can be told. */
export const bridgeNameOption = 'com.docker.network.bridge.name'
const masqueradeOption = 'com.docker.network.bridge.enable_ip_masquerade'
const mtuOption = 'com.docker.network.driver.mtu'

type Options = Pick<NetworkConfig, 'options'>

export const masqueradeOf = ({ options }: Options): boolean => options[masqueradeOption] !== 'false'

/** Throws invalid. An Ethernet link's MTU is 68 (RFC 791) to 65535. */
export const mtuOf = ({ options }: Options): { readonly mtu?: number } => {
  const text = options[mtuOption] ?? '0'
  const mtu = Number(text)
  if (mtu === 0) return {}
  if (!Number.isInteger(mtu) || mtu < 68 || mtu > 65535) {
    throw invalid(`invalid MTU: ${JSON.stringify(text.slice(0, 32))}`)
  }
  return { mtu }
}
