/** POST /slipway/shutdown, an extension of our engine: it ends after this answer. */
export interface ShutdownResponse {
  readonly ContainersStopped: number
}
