import type { EngineClient } from '@slipway/client'

export type EngineName = 'slipway' | 'dockerd' | 'podman'

/** A daemon that answers. Disposing of it ends the daemon and leaves its data. */
export interface Daemon extends AsyncDisposable {
  readonly client: EngineClient
  /** `unix:///…`, as clients on this machine reach it. */
  readonly host: string
  readonly pid: number
  /** From the start of the process to the first answered `/_ping`, in milliseconds. */
  readonly startedIn: number
}

/** An engine with data of its own. Disposing of it takes all of that away; no daemon of it may run then. */
export interface Installation extends AsyncDisposable {
  readonly name: EngineName
  /** With its runtime: `28.5.2 (runc)`. */
  readonly version: string
  /** Over the data that is there. */
  start(): Promise<Daemon>
  /** The engine's own client: `podman`, `slipway`; undefined where that is the docker CLI. */
  readonly ownCli?: (args: readonly string[]) => readonly string[]
}
