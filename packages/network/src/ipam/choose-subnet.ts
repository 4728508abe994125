import { invalid, SlipwayError } from '@slipway/core'
import { formatCidr, overlaps, parseCidr, sizeOf } from './cidr.ts'

/** A range from which subnets of `2^(32 - size)` addresses are cut (`--default-address-pool base=…,size=…`). */
export interface SubnetPool {
  /** `192.168.0.0/16`. */
  readonly base: string
  /** A prefix length. */
  readonly size: number
}

/** Docker's, in its order. */
export const defaultSubnetPools: readonly SubnetPool[] = [
  ...Array.from({ length: 15 }, (_, index) => ({ base: `172.${17 + index}.0.0/16`, size: 16 })),
  { base: '192.168.0.0/16', size: 20 },
]

/**
 * The first subnet of the pools that overlaps nothing in use. `inUse` are CIDRs: those of the other networks, and of the
 * host (`hostSubnets()`). Throws unavailable when there is none, invalid when a
 * pool makes no sense.
 */
export const chooseSubnet = ({
  pools = defaultSubnetPools,
  inUse,
}: {
  readonly pools?: readonly SubnetPool[]
  readonly inUse: Iterable<string>
}): string => {
  const taken = Array.from(inUse, parseCidr)
  for (const pool of pools) {
    const base = parseCidr(pool.base)
    if (pool.size < base.prefix || pool.size > (base.family === 4 ? 32 : 128)) {
      throw invalid(`invalid address pool: a subnet of size ${pool.size} does not fit in ${formatCidr(base)}`)
    }
    const end = base.first + sizeOf(base)
    let candidate = { ...base, prefix: pool.size }
    while (candidate.first < end) {
      const current = candidate
      const obstacle = taken.find((other) => overlaps(current, other))
      if (obstacle === undefined) return formatCidr(candidate)
      candidate = { ...candidate, first: candidate.first + sizeOf(candidate) }
      // A big obstacle is stepped over at once: an IPv6 pool has more subnets than can be tried one by one.
      const past = obstacle.first + sizeOf(obstacle)
      if (past > candidate.first) candidate = { ...candidate, first: past }
    }
  }
  throw new SlipwayError('unavailable', 'all predefined address pools have been fully subnetted')
}
