/** A row of GET /images/{name}/history, the newest first. */
export interface HistoryItem {
  /** The image's id in the first row, `<missing>` in those whose image isn't here. */
  readonly Id: string
  /** Unix seconds. */
  readonly Created: number
  readonly CreatedBy: string
  readonly Tags: readonly string[] | null
  /** Bytes. */
  readonly Size: number
  readonly Comment: string
}
