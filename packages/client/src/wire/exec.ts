/** POST /containers/{id}/exec */
export interface ExecCreateBody {
  readonly AttachStdin?: boolean
  readonly AttachStdout?: boolean
  readonly AttachStderr?: boolean
  /** Height, width. */
  readonly ConsoleSize?: readonly number[] | null
  readonly DetachKeys?: string
  readonly Tty?: boolean
  readonly Env?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Privileged?: boolean
  readonly User?: string
  readonly WorkingDir?: string
}

export interface ExecCreateResponse {
  readonly Id: string
}

/** POST /exec/{id}/start */
export interface ExecStartBody {
  readonly Detach?: boolean
  readonly Tty?: boolean
  readonly ConsoleSize?: readonly number[] | null
}

/** GET /exec/{id}/json */
export interface ExecInspect {
  readonly ID: string
  readonly ContainerID: string
  readonly Running: boolean
  /** null while it runs. */
  readonly ExitCode: number | null
  readonly Pid: number
  readonly ProcessConfig: {
    readonly entrypoint: string
    readonly arguments: readonly string[]
    readonly tty: boolean
    readonly privileged?: boolean
    readonly user?: string
  }
  readonly OpenStdin: boolean
  readonly OpenStderr: boolean
  readonly OpenStdout: boolean
  readonly CanRemove: boolean
  readonly DetachKeys: string
}
