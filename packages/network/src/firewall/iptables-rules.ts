/**
 * Reads `iptables -S`, which prints the filter table as the commands that would make it: `-P FORWARD DROP`,
 * `-N DOCKER-USER`, `-A FORWARD -j DOCKER-USER`.
 */
export interface IptablesFilter {
  /** The chain that our accepts belong in; undefined where nothing drops what is forwarded. */
  readonly chain: string | undefined
  /** Our rules that are there, chain and bridge and direction. */
  readonly ours: readonly OurRule[]
}

export interface OurRule {
  readonly chain: string
  readonly bridge: string
  readonly direction: Direction
}

export type Direction = 'out' | 'in'
export const directions: readonly Direction[] = ['out', 'in']

/** By which our rules are known, in every firewall. */
export const commentFor = (bridge: string): string => `slipway ${bridge}`

/** A rule without conditions that lets nothing further: `-A FORWARD -j DROP`, also with a comment or a reject's reason. */
const dropsAll =
  /^-A FORWARD(?: -m comment --comment (?:"[^"]*"|\S+))? -j (?:DROP|REJECT(?: --reject-with \S+)?|QUEUE)$/

const ourRule = /^-A (\S+) .*--comment "?slipway ([^\s"]+)"?/

export const parseIptables = (text: string): IptablesFilter => {
  const lines = text.split('\n').map((line) => line.trim())
  const drops = lines.includes('-P FORWARD DROP') || lines.some((line) => dropsAll.test(line))
  const hasUserChain = lines.includes('-A FORWARD -j DOCKER-USER')
  const ours = lines.flatMap((line): readonly OurRule[] => {
    const [, chain, bridge] = ourRule.exec(line) ?? []
    if (chain === undefined || bridge === undefined) return []
    return [{ chain, bridge, direction: line.includes(` -i ${bridge} `) ? 'out' : 'in' }]
  })
  return { chain: hasUserChain ? 'DOCKER-USER' : drops ? 'FORWARD' : undefined, ours }
}

/**
 * The rule that lets through what leaves the bridge, or what enters it. Only answers and published ports may enter: more
 * than that is not ours to open.
 */
export const iptablesRule = (bridge: string, direction: Direction): readonly string[] => [
  ...(direction === 'out'
    ? ['-i', bridge]
    : ['-o', bridge, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED,DNAT']),
  ...['-m', 'comment', '--comment', commentFor(bridge), '-j', 'ACCEPT'],
]
