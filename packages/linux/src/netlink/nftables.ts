import { asText, decodeAttributes } from './message.ts'
import { NETLINK_NETFILTER, RouteSocket } from './socket.ts'

/** linux/netfilter/nf_tables.h */
const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG_GETRULE = 7
const NFT_MSG_GETGEN = 16
const NFTA_GEN_ID = 1
const NFTA_RULE_TABLE = 1
const NFTA_RULE_CHAIN = 2

/** struct nfgenmsg: of any family. */
const anyFamily = Buffer.alloc(4)

const typeOf = (message: number): number => (NFNL_SUBSYS_NFTABLES << 8) | message

const families: Readonly<Record<number, string>> = { 1: 'inet', 2: 'ip', 10: 'ip6' }

/** A chain of nftables, and how many rules it has. */
export interface ChainRules {
  /** `ip`, `ip6` or `inet`. */
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly rules: number
}

export interface NftablesState {
  /** Another number after every change that anyone makes. */
  readonly generation: number
  /** Those that have rules. */
  readonly chains: readonly ChainRules[]
}

/** The rules of this thread's network namespace; undefined when nothing has changed since that generation: 0.1 ms. */
export const nftablesSince = (generation: number | undefined): NftablesState | undefined => {
  using socket = new RouteSocket(NETLINK_NETFILTER)
  const { payload } = socket.get(
    { type: typeOf(NFT_MSG_GETGEN), payload: anyFamily },
    { action: 'nftables-generation' },
  )
  const now = decodeAttributes(payload.subarray(anyFamily.length)).get(NFTA_GEN_ID)?.readUInt32BE() ?? 0
  if (now === generation) return undefined
  const dumped = socket.dump({ type: typeOf(NFT_MSG_GETRULE), payload: anyFamily }, { action: 'nftables-rules' })
  const places = dumped.map(({ payload }) => {
    const attributes = decodeAttributes(payload.subarray(anyFamily.length))
    const [table, chain] = [NFTA_RULE_TABLE, NFTA_RULE_CHAIN].map((type) => asText(attributes.get(type)) ?? '')
    return [families[payload[0] ?? 0] ?? '', table, chain].join(' ')
  })
  const chains = Array.from(
    Map.groupBy(places, (place) => place),
    ([place, { length }]): ChainRules => {
      const [family = '', table = '', chain = ''] = place.split(' ')
      return { family, table, chain, rules: length }
    },
  )
  return { generation: now, chains }
}
