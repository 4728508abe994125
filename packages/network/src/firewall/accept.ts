import { hasCode, type Logger, silentLogger } from '@slipway/core'
import { askNft, runNft } from '../nft/run-nft.ts'
import { checkBridgeName } from '../nft/table.ts'
import { acceptInIptables, findIptables, type Iptables, usesLegacyTables } from './iptables.ts'
import {
  acceptScript,
  belongsToIptables,
  deleteScript,
  type ForwardChain,
  forwardChains,
  readChain,
  rulesPerBridge,
} from './nft-chains.ts'

const settleMilliseconds = 1000

/** How a bridge is let through. */
export interface Accepted {
  /** It carries IPv6 too, which has firewalls of its own. */
  readonly ipv6: boolean
}

/**
 * Lets bridges through other people's firewalls. Every base chain at the forward hook has its say, and one that drops
 * drops for good: an accept in our own table changes nothing. So one commented accept for each direction goes where the
 * drop is: into DOCKER-USER where docker is installed, else to the top of FORWARD, or of the native chain that drops.
 */
export class FirewallAccept implements AsyncDisposable {
  readonly #logger: Logger
  readonly #bridges = new Map<string, Accepted>()
  /** Those that are to be gone; rules of bridges that we never heard of belong to another engine. */
  readonly #removed = new Set<string>()
  #running: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor({ logger = silentLogger }: { readonly logger?: Logger } = {}) {
    this.#logger = logger
  }

  /** Lets this bridge through from now on. */
  add(bridge: string, accepted: Accepted = { ipv6: false }): Promise<void> {
    this.#bridges.set(checkBridgeName(bridge), accepted)
    this.#removed.delete(bridge)
    return this.check()
  }

  /** Takes the accepts away again. */
  remove(bridge: string): Promise<void> {
    this.#bridges.delete(checkBridgeName(bridge))
    this.#removed.add(bridge)
    return this.check()
  }

  /** Looks whether all accepts are where they should be, and puts them there. About 30 ms. */
  check(): Promise<void> {
    const checked = this.#running.then(() => this.#checkAll())
    this.#running = checked.catch(() => {})
    return checked
  }

  /** The same, soon and in the background: what many callers ask for in a moment is done once. */
  checkSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.check().catch((error: unknown) => this.#logger.warn({ error }, 'the firewall could not be checked'))
    }, settleMilliseconds).unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    await this.#running
  }

  async #checkAll(): Promise<void> {
    const removed = [...this.#removed]
    // Our own tables let through what they should already, and there may be many of them.
    const chains = forwardChains(await askNft('list', 'chains')).filter(({ table }) => !this.#isOurs(table))
    const native = chains.filter((chain) => !belongsToIptables(chain))
    for (const family of ['ip', 'ip6'] as const) {
      const theirs = chains.filter((chain) => belongsToIptables(chain) && chain.family === family)
      if (theirs.length > 0 && !(await this.#checkIptables({ family, flavour: 'nft' }))) native.push(...theirs)
      const isLegacy = await usesLegacyTables(family)
      if (isLegacy && !(await this.#checkIptables({ family, flavour: 'legacy' }))) {
        this.#logger.warn(
          { family },
          'iptables-legacy is in use but not installed: published ports may not be reachable',
        )
      }
    }
    for (const chain of native) {
      // Another engine or firewall may have taken its chain away since it was listed.
      await this.#checkChain(chain).catch((error: unknown) => {
        if (!hasCode(error, 'not-found')) throw error
      })
    }
    for (const bridge of removed) this.#removed.delete(bridge)
  }

  /** False when the program isn't there. */
  async #checkIptables(wanted: Iptables): Promise<boolean> {
    const binary = await findIptables(wanted)
    if (binary === undefined) return false
    await acceptInIptables(binary, this.#bridgesOf(wanted.family), (bridge) => this.#isOurs(bridge), this.#logger)
    return true
  }

  async #checkChain(chain: ForwardChain): Promise<void> {
    const { dropsAll, ours } = readChain(await askNft('list', 'chain', chain.family, chain.table, chain.name))
    const wanted = chain.policy === 'drop' || dropsAll ? this.#bridgesOf(chain.family) : new Set<string>()
    const byBridge = Map.groupBy(ours, ({ bridge }) => bridge)
    const isComplete = (bridge: string): boolean => byBridge.get(bridge)?.length === rulesPerBridge
    const missing = [...wanted].filter((bridge) => !isComplete(bridge))
    const stale = ours.filter(({ bridge }) => this.#isOurs(bridge) && !(wanted.has(bridge) && isComplete(bridge)))
    if (missing.length === 0 && stale.length === 0) return
    await runNft(
      [
        ...stale.map(({ handle }) => deleteScript(chain, handle)),
        ...missing.map((bridge) => acceptScript(chain, bridge)),
      ].join(''),
    )
    this.#logger.info({ ...chain, missing, removed: stale.length }, 'firewall accepts changed')
  }

  /** Those that have packets of this family; a chain of `inet` sees all. */
  #bridgesOf(family: string): ReadonlySet<string> {
    return new Set([...this.#bridges].filter(([, { ipv6 }]) => ipv6 || family !== 'ip6').map(([bridge]) => bridge))
  }

  #isOurs(bridge: string): boolean {
    return this.#bridges.has(bridge) || this.#removed.has(bridge)
  }
}
