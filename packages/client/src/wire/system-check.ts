/** One thing that is not as it should be. */
export interface CheckFinding {
  readonly Kind: 'blob' | 'layer' | 'image' | 'container' | 'reference' | 'left-over'
  /** A digest, an id, a name or a path. */
  readonly Name: string
  readonly Problem: string
  /** `found` when nothing was to be repaired; `lost` is what can't be made again from what is here. */
  readonly Outcome: 'found' | 'repaired' | 'lost'
}

/** POST /system/check, an extension of our engine. */
export interface SystemCheck {
  readonly Blobs: number
  /** Bytes of all blobs, each of which was read. */
  readonly BlobBytes: number
  readonly Layers: number
  readonly Images: number
  readonly References: number
  readonly Findings: readonly CheckFinding[]
}
