/** One image in `manifest.json`, docker's own part of the archive. */
export interface ManifestEntry {
  /** Where in the archive its config is. */
  readonly Config: string
  readonly RepoTags: readonly string[] | null
  /** Where its layers are, from the bottom up. */
  readonly Layers: readonly string[]
}

/** Annotations in `index.json`: the whole name, as containerd and docker write it, and what the OCI image layout has. */
export const imageName = 'io.containerd.image.name'
export const refName = 'org.opencontainers.image.ref.name'
