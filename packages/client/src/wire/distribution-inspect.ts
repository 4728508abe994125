/** A platform in OCI's own spelling. */
export interface OciPlatform {
  readonly architecture: string
  readonly os: string
  readonly variant?: string
}

/** `GET /distribution/{name}/json`: what a registry has under a name. */
export interface DistributionInspect {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number }
  readonly Platforms: readonly OciPlatform[]
}
