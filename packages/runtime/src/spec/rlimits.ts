import { unlimited } from './format.ts'
import type { HostFacts } from './host.ts'
import type { SpecRlimit } from './input.ts'
import type { OciRlimit } from './oci.ts'

/**
 * The limits that were asked for, no higher than our own hard limits unless we may raise those (CAP_SYS_RESOURCE): the kernel
 * would refuse, and the container not start.
 */
export const ociRlimits = (asked: readonly SpecRlimit[], host: HostFacts): readonly OciRlimit[] =>
  asked.map(({ name, soft, hard }) => {
    const ceiling = host.capabilities.includes('CAP_SYS_RESOURCE') ? unlimited : (host.hardLimits[name] ?? unlimited)
    const highest = Math.min(wanted(hard), ceiling)
    return { type: `RLIMIT_${name.toUpperCase()}`, soft: Math.min(wanted(soft), highest), hard: highest }
  })

const wanted = (limit: number): number => (limit < 0 ? unlimited : limit)
