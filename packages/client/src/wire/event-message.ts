/** A line of GET /events. */
export interface EventMessage {
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly scope?: 'local' | 'swarm'
  /** Unix seconds. */
  readonly time: number
  /** As a JSON number it has lost its last digits in JavaScript. */
  readonly timeNano: number
  /** The three below went in 1.52; for containers and images only. */
  readonly status?: string
  readonly id?: string
  readonly from?: string
}
