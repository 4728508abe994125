export type WaitCondition = 'not-running' | 'next-exit' | 'removed'

/** POST /containers/{id}/wait */
export interface WaitResponse {
  readonly StatusCode: number
  readonly Error?: { readonly Message: string } | null
}
