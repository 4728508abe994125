import { invalid, type NetworkConfig } from '@slipway/core'
import type { IpvlanFlag, IpvlanMode, MacvlanMode } from '@slipway/linux'

type Options = Pick<NetworkConfig, 'options' | 'id'>

const macvlanModes: readonly MacvlanMode[] = ['bridge', 'private', 'vepa', 'passthru']
const ipvlanModes: readonly IpvlanMode[] = ['l2', 'l3', 'l3s']
const ipvlanFlags: readonly IpvlanFlag[] = ['bridge', 'private', 'vepa']

const oneOf = <Word extends string>(words: readonly Word[], text: string | undefined, driver: string): Word => {
  const word = words.find((one) => one === (text || words[0]))
  if (word !== undefined) return word
  const bad = (text ?? '').slice(0, 32)
  throw invalid(`requested ${driver} mode '${bad}' is not valid, '${words[0]}' mode is the ${driver} driver default`)
}

/** Throws invalid in docker's words; without a word, the first mode. */
export const macvlanModeOf = ({ options }: Options): MacvlanMode =>
  oneOf(macvlanModes, options['macvlan_mode'], 'macvlan')

export const ipvlanModeOf = ({ options }: Options): { readonly mode: IpvlanMode; readonly flag: IpvlanFlag } => ({
  mode: oneOf(ipvlanModes, options['ipvlan_mode'], 'ipvlan'),
  flag: oneOf(ipvlanFlags, options['ipvlan_flag'], 'ipvlan'),
})

/** The link that a network without a parent lies on: it leads nowhere. */
export const dummyNameOf = ({ id }: Options): string => `dm-${id.slice(0, 12)}`

export const hasParent = ({ options }: Options): boolean => Boolean(options['parent'])

/** The link that a network lies on. */
export const parentOf = (network: Options): string => network.options['parent'] || dummyNameOf(network)

/** `eth0.50` is VLAN 50 on eth0. Undefined for a name that says no such thing. */
export const vlanOf = (parent: string): { readonly base: string; readonly id: number } | undefined => {
  const [, base = '', digits = ''] = /^(.+)\.(\d{1,4})$/.exec(parent) ?? []
  const id = Number(digits)
  return base !== '' && id >= 1 && id <= 4094 ? { base, id } : undefined
}

/** Throws invalid when no such network can be made. */
export const checkParentOptions = (network: Options & Pick<NetworkConfig, 'driver'>): void => {
  if (network.driver === 'macvlan') macvlanModeOf(network)
  else ipvlanModeOf(network)
  const parent = parentOf(network)
  if (parent === 'lo') throw invalid(`loopback interface is not a valid ${network.driver} parent link`)
  if (!/^[^\s/:]{1,15}$/.test(parent)) throw invalid(`invalid parent interface: ${JSON.stringify(parent.slice(0, 64))}`)
}
