import { commentFor } from './iptables-rules.ts'

type Json = Readonly<Record<string, unknown>>

/** A base chain at the forward hook that isn't ours. */
export interface ForwardChain {
  readonly family: string
  readonly table: string
  readonly name: string
  readonly policy: string
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

const asText = (value: unknown): string => (typeof value === 'string' ? value : '')

const families = new Set<unknown>(['ip', 'ip6', 'inet'])

/** The forward chains in the answer to `nft -j list chains`. */
export const forwardChains = (answer: readonly Json[]): readonly ForwardChain[] =>
  answer
    .map(({ chain }) => chain)
    .filter(isObject)
    .filter(({ hook, type, family }) => hook === 'forward' && type === 'filter' && families.has(family))
    .map(({ family, table, name, policy }) => ({
      family: asText(family),
      table: asText(table),
      name: asText(name),
      policy: asText(policy),
    }))

/** iptables keeps its rules in chains of these names; native tools must leave them to it. */
export const belongsToIptables = ({ family, table, name }: ForwardChain): boolean =>
  (family === 'ip' || family === 'ip6') && table === 'filter' && name === 'FORWARD'

export interface ChainRules {
  /** It ends in a drop or a reject that everything meets. */
  readonly dropsAll: boolean
  readonly ours: readonly { readonly bridge: string; readonly handle: number }[]
}

const passive = new Set(['counter', 'log'])
const final = new Set(['drop', 'reject', 'queue'])

const isUnconditionalDrop = (expressions: readonly unknown[]): boolean => {
  const names = expressions.filter(isObject).map((expression) => Object.keys(expression)[0] ?? '')
  const last = names.at(-1)
  return last !== undefined && final.has(last) && names.slice(0, -1).every((name) => passive.has(name))
}

/** Reads the answer to `nft -j list chain …`. */
export const readChain = (answer: readonly Json[]): ChainRules => {
  const rules = answer.map(({ rule }) => rule).filter(isObject)
  return {
    dropsAll: rules.some(({ expr }) => Array.isArray(expr) && isUnconditionalDrop(expr)),
    ours: rules.flatMap(({ comment, handle }) => {
      const bridge = /^slipway (\S+)$/.exec(asText(comment))?.[1]
      return bridge === undefined || typeof handle !== 'number' ? [] : [{ bridge, handle }]
    }),
  }
}

/** One accept each for what leaves the bridge, what answers, and what comes to a published port. */
export const acceptScript = ({ family, table, name }: ForwardChain, bridge: string): string =>
  [`iifname "${bridge}"`, `oifname "${bridge}" ct state established,related`, `oifname "${bridge}" ct status dnat`]
    .map((match) => `insert rule ${family} ${table} ${name} ${match} accept comment "${commentFor(bridge)}"\n`)
    .join('')

/** How many rules `acceptScript()` makes. */
export const rulesPerBridge = 3

export const deleteScript = ({ family, table, name }: ForwardChain, handle: number): string =>
  `delete rule ${family} ${table} ${name} handle ${handle}\n`
