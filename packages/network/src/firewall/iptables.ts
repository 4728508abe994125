import { readFile } from 'node:fs/promises'
import { hasCode, type Logger, SlipwayError } from '@slipway/core'
import { type ProgramResult, runProgram } from '../nft/run-program.ts'
import { directions, iptablesRule, type OurRule, parseIptables } from './iptables-rules.ts'

/** The two kernels behind one command: nf_tables, and the older tables. */
export type IptablesFlavour = 'nft' | 'legacy'

const versionMark = { nft: 'nf_tables', legacy: 'legacy' } as const

const run = async (binary: string, args: readonly string[]): Promise<ProgramResult | undefined> => {
  try {
    return await runProgram(binary, args)
  } catch (error) {
    if (hasCode(error, 'unavailable')) return undefined
    throw error
  }
}

/** One of the four programs that there are. */
export interface Iptables {
  readonly family: 'ip' | 'ip6'
  readonly flavour: IptablesFlavour
}

const programs = { ip: 'iptables', ip6: 'ip6tables' } as const

/** `iptables-nft` where alternatives are installed; else `iptables`, if that is the flavour it was built for. */
export const findIptables = async ({ family, flavour }: Iptables): Promise<string | undefined> => {
  for (const binary of [`${programs[family]}-${flavour}`, programs[family]]) {
    const version = await run(binary, ['--version'])
    if (version?.exitCode !== 0) continue
    const isFlavour = flavour === 'nft' || !version.stdout.includes(versionMark.nft)
    if (isFlavour && (flavour === 'legacy' || version.stdout.includes(versionMark.nft))) return binary
  }
  return undefined
}

/** Asking the older tables for their rules would create them, and slow every packet: first see whether they are there. */
export const usesLegacyTables = async (family: Iptables['family']): Promise<boolean> => {
  const names = await readFile(`/proc/net/${family}_tables_names`, 'utf8').catch(() => '')
  return names.split('\n').includes('filter')
}

const mustRun = async (binary: string, args: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await runProgram(binary, ['-w', '5', ...args])
  if (exitCode !== 0) throw new SlipwayError('internal', `${binary} failed: ${stderr.trim().slice(0, 2000)}`)
  return stdout
}

const isSameRule = (a: OurRule, b: OurRule): boolean =>
  a.chain === b.chain && a.bridge === b.bridge && a.direction === b.direction

/** Makes the filter table hold our accepts for `bridges`, and no others of those that `isOurs`. */
export const acceptInIptables = async (
  binary: string,
  bridges: ReadonlySet<string>,
  isOurs: (bridge: string) => boolean,
  logger: Logger,
): Promise<void> => {
  const { chain, ours } = parseIptables(await mustRun(binary, ['-S']))
  const wanted =
    chain === undefined
      ? []
      : [...bridges].flatMap((bridge) => directions.map((direction) => ({ chain, bridge, direction })))
  const stale = ours.filter((rule) => isOurs(rule.bridge) && !wanted.some((other) => isSameRule(other, rule)))
  for (const { chain: from, bridge, direction } of stale) {
    await mustRun(binary, ['-D', from, ...iptablesRule(bridge, direction)])
    logger.info({ firewall: binary, chain: from, bridge, direction }, 'firewall accept removed')
  }
  for (const rule of wanted.filter((one) => !ours.some((other) => isSameRule(other, one)))) {
    await mustRun(binary, ['-I', rule.chain, '1', ...iptablesRule(rule.bridge, rule.direction)])
    logger.info({ firewall: binary, ...rule }, 'firewall accept added')
  }
}
