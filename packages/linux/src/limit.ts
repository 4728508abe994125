import { kernel } from './kernel/calls.ts'
import { check } from './kernel/error.ts'

const RLIMIT_NOFILE = 7

/** How many files this process may have open, and may hand on to its children. */
export const openFilesLimit = (): { readonly soft: number; readonly hard: number } => {
  const limits = Buffer.alloc(16)
  check(kernel.prlimit(0, RLIMIT_NOFILE, null, limits), 'prlimit')
  return { soft: toCount(limits.readBigUInt64LE(0)), hard: toCount(limits.readBigUInt64LE(8)) }
}

/** RLIM_INFINITY is all ones. */
const toCount = (limit: bigint): number => (limit === 0xffff_ffff_ffff_ffffn ? Number.POSITIVE_INFINITY : Number(limit))

export const hardLimitOfOpenFiles = (): number => openFilesLimit().hard

/** What can really be given to a container that wants so many: the kernel refuses more than our own hard limit. */
export const clampOpenFiles = (wanted: number): number => Math.min(wanted, hardLimitOfOpenFiles())
