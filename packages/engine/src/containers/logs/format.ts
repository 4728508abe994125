import type { FileHandle } from 'node:fs/promises'
import type { LogEntry } from './entry.ts'

/** How lines are kept in a file, such that they can be read from its end as well. */
export interface LogFormat {
  encode(entries: readonly LogEntry[]): Buffer
  /**
   * The entry that begins at `start`, and where it ends; undefined while it isn't all there. What is damaged is passed over:
   * no entry.
   */
  decode(data: Buffer, start: number): { readonly entry: LogEntry | undefined; readonly end: number } | undefined
  /** Where the last `lines` entries begin (`lines` > 0), and how many that are. */
  tail(file: FileHandle, lines: number): Promise<{ readonly offset: number; readonly found: number }>
}
