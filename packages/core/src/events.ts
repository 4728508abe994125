export interface SystemEvent {
  readonly type: 'container' | 'image' | 'network' | 'volume' | 'builder' | 'daemon' | 'repository' | 'tag'
  readonly action: string
  readonly id: string
  readonly attributes: Readonly<Record<string, string>>
  readonly at: Date
}

export interface EventBus {
  publish(event: SystemEvent): void
  /** Ends when `signal` is aborted. A reader that is too slow is dropped with an error, never waited for. */
  subscribe(filter: (event: SystemEvent) => boolean, signal: AbortSignal): AsyncIterable<SystemEvent>
  /** The newest events, oldest first; docker keeps 256. */
  recent(): readonly SystemEvent[]
}
