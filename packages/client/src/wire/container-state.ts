import type { Health } from './health.ts'

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface ContainerState {
  readonly Status: ContainerStatus
  readonly Running: boolean
  readonly Paused: boolean
  readonly Restarting: boolean
  readonly OOMKilled: boolean
  readonly Dead: boolean
  /** 0 when it doesn't run. */
  readonly Pid: number
  readonly ExitCode: number
  readonly Error: string
  /** RFC 3339 with nanoseconds; `0001-01-01T00:00:00Z`: never. */
  readonly StartedAt: string
  readonly FinishedAt: string
  readonly Health?: Health
}
