import type { ChainRules, NetworkThread } from '@slipway/linux'
import { askNft, runNft } from './run-nft.ts'
import { emptyScript, isBridgeName, removeScript } from './table.ts'

type Json = Readonly<Record<string, unknown>>

/** The parts by which a table is known as one of ours, also where only ports are published in it. */
const marks = {
  chain: ['published_ports', 'prerouting', 'output'],
  map: ['published', 'published_at'],
} as const

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

const namesOf = (answer: readonly Json[], kind: keyof typeof marks): ReadonlySet<unknown> =>
  new Set(
    answer
      .map((one) => one[kind])
      .filter(isObject)
      .map(({ name }) => name),
  )

/** Whether the answer to `nft -j list table …` shows a table that `networkScript()` or `replaceScript()` made. */
const isMadeByUs = (answer: readonly Json[]): boolean =>
  (['chain', 'map'] as const).every((kind) => {
    const names = namesOf(answer, kind)
    return marks[kind].every((name) => names.has(name))
  })

const hasUserRules = (answer: readonly Json[]): boolean =>
  answer.map(({ rule }) => rule).some((rule) => isObject(rule) && rule.chain === 'user')

/** The tables that may be ours, by the chains that have rules in them, and are named after no link. */
const orphans = (chains: readonly ChainRules[], links: ReadonlySet<string>): readonly string[] => [
  ...new Set(
    chains
      .filter(({ family, chain }) => (family === 'ip' || family === 'ip6') && chain === 'published_ports')
      .map(({ table }) => table)
      .filter((table) => isBridgeName(table) && !links.has(table)),
  ),
]

export interface SweepOptions {
  readonly thread: Pick<NetworkThread, 'listLinks' | 'nftablesSince'>
  /** What has been read of the kernel's rules already. */
  readonly chains?: readonly ChainRules[]
  /** Bridges whose tables stay, though they are gone: someone is about to make them again. */
  readonly except?: ReadonlySet<string>
}

/**
 * Takes away tables of engines that died, and whose bridges someone has removed: what they publish would be sent to addresses
 * that are another's by now. A table of ours without its bridge serves nobody, whoever made it, for the bridge is always made
 * first and removed last. Where an administrator has put rules of their own, those stay and all others go. Returns the names
 * of those tables. Below a millisecond where there is none.
 */
export const sweepTables = async ({ thread, chains, except }: SweepOptions): Promise<readonly string[]> => {
  const rules = chains ?? (await thread.nftablesSince(undefined))?.chains ?? []
  // The links after the rules: the bridge of a table that was seen had been made by then.
  const links = new Set((await thread.listLinks()).map(({ name }) => name))
  const swept: string[] = []
  for (const table of orphans(rules, links)) {
    if (except?.has(table)) continue
    if (await sweepTable(table)) swept.push(table)
  }
  return swept
}

/** False: it isn't ours, or there is nothing left to take. */
const sweepTable = async (table: string): Promise<boolean> => {
  const found = await Promise.all(
    // One of the families may not be there, or be gone by now.
    (['ip', 'ip6'] as const).map((family) => askNft('list', 'table', family, table).catch(() => undefined)),
  )
  const there = found.filter((answer) => answer !== undefined)
  if (there.length === 0 || !there.every(isMadeByUs)) return false
  await runNft(there.some(hasUserRules) ? emptyScript(table) : removeScript(table))
  return true
}
