import { isIPv4 } from 'node:net'
import { invalid, type NetworkConfig, SlipwayError } from '@slipway/core'

/** Docker's names for what a bridge network can be told. */
export const bridgeNameOption = 'com.docker.network.bridge.name'
const masqueradeOption = 'com.docker.network.bridge.enable_ip_masquerade'
const mtuOption = 'com.docker.network.driver.mtu'

const iccOption = 'com.docker.network.bridge.enable_icc'
const hostBindingOption = 'com.docker.network.bridge.host_binding_ipv4'
const gatewayModeOption = 'com.docker.network.bridge.gateway_mode_ipv4'

const gatewayModes: readonly string[] = ['', 'nat', 'nat-unprotected', 'routed', 'isolated']

type Options = Pick<NetworkConfig, 'options'>

/** In docker's words, which are Go's. */
const unreadable = (name: string, text: string, why: string): SlipwayError =>
  invalid(`failed to parse ${name} value: ${text.slice(0, 32)} (${why})`)

/** What Go's ParseBool takes; empty is the default. Throws invalid. */
const flagOf = ({ options }: Options, name: string): boolean => {
  const text = options[name] ?? ''
  if (text === '' || /^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  throw unreadable(name, text, `strconv.ParseBool: parsing ${JSON.stringify(text.slice(0, 32))}: invalid syntax`)
}

export const masqueradeOf = (network: Options): boolean => flagOf(network, masqueradeOption)

/** Whether containers on it may speak to each other ("inter-container communication"). */
export const iccOf = (network: Options): boolean => flagOf(network, iccOption)

/** The address of the host that ports are published on when none is asked for; undefined: all of them. */
export const hostBindingOf = ({ options }: Options): string | undefined => {
  const text = options[hostBindingOption] ?? ''
  if (text === '' || text === '0.0.0.0') return undefined
  if (isIPv4(text)) return text
  throw unreadable(hostBindingOption, text, 'nil ip')
}

/** Throws invalid or unsupported when a bridge can't be made so. */
export const checkBridgeOptions = (network: Options): void => {
  const mode = network.options[gatewayModeOption] ?? ''
  if (!gatewayModes.includes(mode)) {
    throw unreadable(gatewayModeOption, mode, `unknown gateway mode ${mode.slice(0, 32)}`)
  }
  if (mode !== '' && mode !== 'nat') {
    throw new SlipwayError('unsupported', `gateway mode ${mode.slice(0, 32)} is not supported by this engine yet`)
  }
  masqueradeOf(network)
  iccOf(network)
  hostBindingOf(network)
  mtuOf(network)
}

/** Throws invalid. An Ethernet link's MTU is 68 (RFC 791) to 65535. */
export const mtuOf = ({ options }: Options): { readonly mtu?: number } => {
  const text = options[mtuOption] ?? '0'
  const mtu = Number(text)
  if (mtu === 0) return {}
  if (!/^[+-]?\d+$/.test(text)) {
    throw unreadable(mtuOption, text, `strconv.Atoi: parsing ${JSON.stringify(text.slice(0, 32))}: invalid syntax`)
  }
  if (mtu < 68 || mtu > 65535) throw invalid(`invalid MTU number: ${text.slice(0, 32)}`)
  return { mtu }
}
