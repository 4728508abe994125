export interface ComponentVersion {
  readonly Name: string
  readonly Version: string
  readonly Details?: Readonly<Record<string, string>>
}

/** GET /version */
export interface SystemVersion {
  readonly Platform: { readonly Name: string }
  readonly Components: readonly ComponentVersion[]
  readonly Version: string
  readonly ApiVersion: string
  readonly MinAPIVersion: string
  readonly GitCommit: string
  readonly GoVersion: string
  readonly Os: string
  readonly Arch: string
  readonly KernelVersion: string
  readonly Experimental?: boolean
  readonly BuildTime: string
}
