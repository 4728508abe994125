import { invalid, SlipwayError } from '@slipway/core'
import { type Cidr, contains, formatAddress, formatCidr, parseAddress, parseCidr, sizeOf } from './cidr.ts'

export interface AddressPoolOptions {
  /** `172.17.0.0/16`. */
  readonly subnet: string
  /** Taken from the start; default: the subnet's first usable address. */
  readonly gateway?: string
  /** Allocate only within this part of the subnet (`--ip-range`). */
  readonly range?: string
  /** Addresses that are in use: those of the records, and the auxiliary ones. */
  readonly reserved?: Iterable<string>
}

/** The lowest and the highest address that an interface may have: the network's own and the broadcast are left out. */
const usable = (cidr: Cidr, subnet: Cidr): { readonly lowest: bigint; readonly highest: bigint } => {
  // RFC 3021: a /31 has two usable addresses; a /32 is one address. IPv6 has no broadcast.
  const tiny = sizeOf(subnet) <= 2n
  const lowest = cidr.first === subnet.first && !tiny ? cidr.first + 1n : cidr.first
  const last = cidr.first + sizeOf(cidr) - 1n
  const isBroadcast = subnet.family === 4 && !tiny && last === subnet.first + sizeOf(subnet) - 1n
  return { lowest, highest: isBroadcast ? last - 1n : last }
}

/**
 * The addresses of one subnet. It holds no state of its own beyond the process: it is made again from the records.
 * `allocate()` gives the lowest free address, as docker does.
 */
export class AddressPool {
  readonly subnet: string
  readonly gateway: string
  readonly #subnet: Cidr
  /** The network's own and its broadcast address, which nobody may have. */
  readonly #usable: { readonly lowest: bigint; readonly highest: bigint }
  readonly #lowest: bigint
  readonly #highest: bigint
  readonly #taken = new Set<bigint>()
  /** Nothing below it is free: keeps `allocate()` from walking a full /16. */
  #search: bigint

  /** Throws invalid when the gateway or the range lies outside of the subnet, forbidden for a gateway that nobody may have. */
  constructor({ subnet, gateway, range, reserved = [] }: AddressPoolOptions) {
    this.#subnet = parseCidr(subnet)
    this.subnet = formatCidr(this.#subnet)
    const within = range === undefined ? this.#subnet : parseCidr(range)
    if (
      !contains(this.#subnet, { family: within.family, value: within.first }) ||
      within.prefix < this.#subnet.prefix
    ) {
      throw invalid(`invalid ip-range ${formatCidr(within)}: it is not within subnet ${this.subnet}`)
    }
    this.#usable = usable(this.#subnet, this.#subnet)
    const { lowest, highest } = usable(within, this.#subnet)
    this.#lowest = lowest
    this.#highest = highest
    this.#search = lowest
    this.gateway = gateway ?? formatAddress({ family: this.#subnet.family, value: this.#usable.lowest })
    this.#take(this.gateway, `failed to allocate gateway (${this.gateway}): `)
    for (const address of reserved) this.#taken.add(this.#numberOf(address))
  }

  get isIpv6(): boolean {
    return this.#subnet.family === 6
  }

  get prefix(): number {
    return this.#subnet.prefix
  }

  has(address: string): boolean {
    return contains(this.#subnet, parseAddress(address))
  }

  /** The lowest free address, as `172.17.0.2`. Throws unavailable when there is none. */
  allocate(): string {
    for (let value = this.#search; value <= this.#highest; value += 1n) {
      if (this.#taken.has(value)) continue
      this.#taken.add(value)
      this.#search = value + 1n
      return formatAddress({ family: this.#subnet.family, value })
    }
    this.#search = this.#highest + 1n
    throw new SlipwayError(
      'unavailable',
      "no available IPv4 addresses on this network's address pools".replace('IPv4', `IPv${this.#subnet.family}`),
    )
  }

  /** Takes this very address (`--ip`). Throws forbidden when it is taken, invalid when it is outside of the subnet. */
  reserve(address: string): void {
    this.#take(address)
  }

  /** Gives an address back. One that isn't taken is no error; the gateway stays. */
  release(address: string): void {
    const value = this.#numberOf(address)
    if (address === this.gateway) return
    this.#taken.delete(value)
    if (value >= this.#lowest && value < this.#search) this.#search = value
  }

  #take(address: string, what = ''): void {
    const value = this.#numberOf(address)
    const { lowest, highest } = this.#usable
    if (this.#taken.has(value) || value < lowest || value > highest) {
      throw new SlipwayError('forbidden', `${what}Address already in use`)
    }
    this.#taken.add(value)
  }

  #numberOf(address: string): bigint {
    const parsed = parseAddress(address)
    if (contains(this.#subnet, parsed)) return parsed.value
    throw invalid(`invalid address ${address}: It does not belong to any of this network's subnets`)
  }
}
