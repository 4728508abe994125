/** The header `X-Docker-Container-Path-Stat`, as JSON in base64. */
export interface PathStat {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Go's os.FileMode: the permission bits, 2³¹ for a directory, 2²⁷ for a symlink. */
  readonly mode: number
  readonly mtime: string
  /** Where a symlink leads; empty otherwise. */
  readonly linkTarget: string
}
