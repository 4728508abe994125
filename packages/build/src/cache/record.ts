/** A part of the build cache, as clients are told of it; the kinds are BuildKit's words. */
export interface CacheRecord {
  readonly kind: 'regular' | 'exec.cachemount' | 'source.local'
  /** 25 hexadecimal digits. */
  readonly id: string
  /** A chain id, or the name of a directory. */
  readonly name: string
  readonly description: string
  /** What it takes on the disk; of a stack of layers the topmost one. */
  readonly bytes: number
  /** ISO 8601. */
  readonly createdAt: string
  /** ISO 8601. (A layer's is written down once an hour.) */
  readonly usedAt: string
  readonly inUse: boolean
  /** An image has it too: to forget it frees nothing. */
  readonly shared: boolean
}
