import { Type } from '@sinclair/typebox'
import { about, count, digest, type Of } from './schema.ts'

/** A part of a manifest. */
export interface ManifestPart {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
}

interface PushedManifest {
  readonly layers?: readonly ManifestPart[]
  readonly manifests?: readonly ManifestPart[]
}

interface PushedConfig {
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
  readonly history?: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[]
}

/** One image of a repository, or one index. */
export const HubImage = Type.Object({
  digest,
  mediaType: Type.String(),
  /** What a manifest may hold: whoever pushed it was free to write what they like. */
  manifest: Type.Unsafe<PushedManifest>({ type: 'object', description: 'as it was pushed' }),
  config: Type.Unsafe<PushedConfig | null>({ description: 'as it was pushed; null: there is none, or none in JSON' }),
  sharing: about(
    'Tags of the same repository with layers of this image',
    Type.Array(Type.Object({ repository: Type.String(), tag: Type.String(), layers: count })),
  ),
  freed: about('What a delete would free in the end', count),
})
export type HubImage = Of<typeof HubImage>
