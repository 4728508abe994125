/** GET /volumes/{name} */
export interface Volume {
  readonly Name: string
  readonly Driver: string
  readonly Mountpoint: string
  readonly CreatedAt?: string
  readonly Status?: Readonly<Record<string, unknown>>
  readonly Labels: Readonly<Record<string, string>> | null
  readonly Scope: 'local' | 'global'
  readonly Options: Readonly<Record<string, string>> | null
  /** Bytes, -1: not counted; only in /system/df. */
  readonly UsageData?: { readonly Size: number; readonly RefCount: number } | null
}

/** POST /volumes/create */
export interface VolumeCreateBody {
  readonly Name?: string
  readonly Driver?: string
  readonly DriverOpts?: Readonly<Record<string, string>> | null
  readonly Labels?: Readonly<Record<string, string>> | null
  /** Of a swarm's volumes. */
  readonly ClusterVolumeSpec?: object
}

export interface VolumeList {
  readonly Volumes: readonly Volume[]
  readonly Warnings: readonly string[] | null
}
