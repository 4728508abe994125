import type { PathStat } from './path-stat.ts'

/** One name in a directory of a container. */
export interface FileEntry extends PathStat {
  readonly uid: number
  readonly gid: number
}

/** GET /containers/{id}/files, which only this engine has. */
export interface DirectoryListing {
  /** Where the path leads when its symlinks are followed. */
  readonly path: string
  /** By name; the first 5,000. */
  readonly entries: readonly FileEntry[]
  /** How many there are; 20,000: at least. */
  readonly total: number
}
