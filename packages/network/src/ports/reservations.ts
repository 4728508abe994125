import { isIPv6 } from 'node:net'
import {
  conflict,
  hasErrno,
  invalid,
  isSamePort,
  type PortMapping,
  type PortRequest,
  SlipwayError,
} from '@slipway/core'
import { type BoundPort, lacksFamily, ownBinder, type PortBinder } from './bind.ts'

/** Both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

interface Held {
  readonly containerId: string
  readonly mapping: PortMapping
  readonly bound: BoundPort
}

const anyAddress = new Set(['0.0.0.0', '::'])

const collide = (a: PortMapping, b: PortMapping): boolean =>
  a.protocol === b.protocol &&
  a.hostPort === b.hostPort &&
  isIPv6(a.hostIp) === isIPv6(b.hostIp) &&
  (a.hostIp === b.hostIp || anyAddress.has(a.hostIp) || anyAddress.has(b.hostIp))

/** The words of Go's errors. */
const reasons = [
  { errno: 'EADDRINUSE', words: 'address already in use', code: 'conflict' },
  { errno: 'EADDRNOTAVAIL', words: 'cannot assign requested address', code: 'conflict' },
  { errno: 'EACCES', words: 'permission denied', code: 'conflict' },
  { errno: 'EPROTONOSUPPORT', words: 'protocol not supported', code: 'internal' },
] as const

const bracket = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

const describe = ({ hostIp, hostPort, containerPort, protocol }: PortMapping, address: string): string => {
  const inside = address === '' ? '' : `:${bracket(address)}:${containerPort}`
  return `${bracket(hostIp)}:${hostPort}${inside}/${protocol}`
}

/** Bind's error in docker's words; one that isn't the port's fault stays what it is. */
const refusal = (mapping: PortMapping, address: string, cause: unknown): unknown => {
  const reason = reasons.find((one) => hasErrno(cause, one.errno))
  if (reason === undefined) return cause
  const message = `failed to bind host port for ${describe(mapping, address)}: ${reason.words}`
  return new SlipwayError(reason.code, message, { cause })
}

/** No address, as docker has it when none was typed, means both families. */
const familiesOf = (hostIp: string): readonly string[] => (hostIp === '' ? ['0.0.0.0', '::'] : [hostIp])

const portsBetween = ({ first, last }: PortRange): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** The host ports that our containers have, bound for as long as they have them. */
export class Reservations implements AsyncDisposable {
  readonly #range: PortRange
  readonly #binder: PortBinder
  readonly #held = new Map<number, Held[]>()
  /** Where the search for a free port goes on, for each protocol: docker hands them out in turn. */
  readonly #next = new Map<string, number>()

  constructor(range: PortRange, binder: PortBinder = ownBinder) {
    if (range.first > range.last) throw invalid(`invalid port range: ${range.first}-${range.last}`)
    this.#range = range
    this.#binder = binder
  }

  /** All of them, or none. `address` is the container's, for the message. */
  async take(containerId: string, wanted: readonly PortRequest[], address: string): Promise<readonly PortMapping[]> {
    const taken: Held[] = []
    try {
      for (const { lastHostPort, ...mapping } of wanted) {
        const held =
          lastHostPort === undefined && mapping.hostPort !== 0
            ? this.#takeAll(containerId, mapping, address)
            : this.#takeFree(containerId, mapping, { address, lastHostPort })
        taken.push(...(await held))
      }
    } catch (error) {
      await Promise.all(taken.map((held) => this.#drop(held)))
      throw error
    }
    return taken.map(({ mapping }) => mapping)
  }

  /** Where the relays of this container lead. */
  aim(containerId: string, address: string): void {
    for (const { mapping, bound } of this.#of(containerId)) bound.target = { address, port: mapping.containerPort }
  }

  has(containerId: string, mapping: PortMapping): boolean {
    return (this.#held.get(mapping.hostPort) ?? []).some(
      (held) => held.containerId === containerId && collide(held.mapping, mapping),
    )
  }

  holders(): ReadonlySet<string> {
    return new Set([...this.#held.values()].flat().map(({ containerId }) => containerId))
  }

  /** All of them, or `some`; what isn't held is no error. */
  async release(containerId: string, some?: readonly PortMapping[]): Promise<void> {
    const held = this.#of(containerId).filter(
      ({ mapping }) => some === undefined || some.some((one) => isSamePort(one, mapping)),
    )
    await Promise.all(held.map((one) => this.#drop(one)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.holders()].map((containerId) => this.release(containerId)))
  }

  #of(containerId: string): readonly Held[] {
    return [...this.#held.values()].flat().filter((held) => held.containerId === containerId)
  }

  /** The port on each family that `mapping` means. */
  async #takeAll(containerId: string, mapping: PortMapping, address: string): Promise<readonly Held[]> {
    const taken: Held[] = []
    try {
      for (const hostIp of familiesOf(mapping.hostIp)) {
        const one = { ...mapping, hostIp }
        try {
          taken.push(await this.#takeOne(containerId, one))
        } catch (error) {
          if (taken.length > 0 && lacksFamily(error)) continue
          throw error instanceof SlipwayError ? error : refusal(one, address, error)
        }
      }
    } catch (error) {
      await Promise.all(taken.map((held) => this.#drop(held)))
      throw error
    }
    return taken
  }

  async #takeOne(containerId: string, mapping: PortMapping): Promise<Held> {
    const others = this.#held.get(mapping.hostPort) ?? []
    if (others.some((other) => collide(other.mapping, mapping))) {
      throw conflict(`Bind for ${mapping.hostIp}:${mapping.hostPort} failed: port is already allocated`)
    }
    // In the table before anything is awaited: of two who want the port at once, the second is told so.
    const placeholder = { containerId, mapping, bound: { target: undefined, async [Symbol.asyncDispose]() {} } }
    this.#held.set(mapping.hostPort, [...others, placeholder])
    try {
      const held = { containerId, mapping, bound: await this.#binder.bind(containerId, mapping) }
      this.#exchange(mapping.hostPort, placeholder, held)
      return held
    } catch (error) {
      this.#exchange(mapping.hostPort, placeholder)
      throw error
    }
  }

  /** One of a range: a given one is searched from its start, the engine's own from where the last search ended. */
  async #takeFree(
    containerId: string,
    mapping: PortMapping,
    { address, lastHostPort }: { readonly address: string; readonly lastHostPort: number | undefined },
  ): Promise<readonly Held[]> {
    const isOwn = lastHostPort === undefined || mapping.hostPort === 0
    const candidates = isOwn ? this.#ownPorts(mapping) : portsBetween({ first: mapping.hostPort, last: lastHostPort })
    let problem: unknown = new SlipwayError('unavailable', 'all ports are allocated')
    for (const hostPort of candidates) {
      try {
        return await this.#takeAll(containerId, { ...mapping, hostPort }, address)
      } catch (error) {
        if (!isTaken(error)) throw error
        if (!isOwn) problem = error
      }
    }
    throw problem
  }

  /** Each port of our own range once. Who searches at the same time goes on where this one is, not where it began. */
  *#ownPorts({ protocol }: PortMapping): Generator<number> {
    const { first, last } = this.#range
    const size = last - first + 1
    const start = this.#next.get(protocol) ?? first
    for (let step = 0; step < size; step += 1) {
      const port = first + ((start - first + step) % size)
      this.#next.set(protocol, port === last ? first : port + 1)
      yield port
    }
  }

  #exchange(port: number, before: Held, ...after: readonly Held[]): void {
    const left = [...(this.#held.get(port) ?? []).filter((held) => held !== before), ...after]
    if (left.length > 0) this.#held.set(port, left)
    else this.#held.delete(port)
  }

  async #drop(held: Held): Promise<void> {
    this.#exchange(held.mapping.hostPort, held)
    await held.bound[Symbol.asyncDispose]()
  }
}

/** Someone has the port; any other trouble (a keeper that is gone) the next port would meet as well. */
const isTaken = (error: unknown): boolean =>
  error instanceof SlipwayError &&
  error.code === 'conflict' &&
  (error.cause === undefined || hasErrno(error.cause, 'EADDRINUSE'))
