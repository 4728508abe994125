/** What one running container uses at the moment: of the dashboard's GET /api/usage. */
export interface ContainerUsage {
  readonly id: string
  /** In parts of one processor: 1.5 is one and a half. 0 in a container's first sample. */
  readonly cpu: number
  /** Bytes that it can't give back: without the page cache of files nobody has used lately. */
  readonly memory: number
  /** Bytes; the machine's where none is set. */
  readonly memoryLimit: number
  /** Bytes since it was started, over all its networks. */
  readonly received: number
  readonly sent: number
  readonly processes: number
}

/** A line of GET /api/usage. */
export interface UsageSample {
  /** Unix milliseconds. */
  readonly time: number
  readonly containers: readonly ContainerUsage[]
}
