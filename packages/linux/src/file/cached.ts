import { kernel } from '../kernel/calls.ts'

const pageSize = 4096

/** How many bytes of an open file lie in the page cache; undefined before Linux 6.5, which can't say (cachestat(2)). */
export const cachedBytes = (fd: number): number | undefined => {
  // From the first byte, and to the last one.
  const range = Buffer.alloc(16)
  const result = Buffer.alloc(40)
  if (kernel.cachestat(fd, range, result, 0) < 0) return undefined
  return Number(result.readBigUInt64LE(0)) * pageSize
}
