import type { DistributionInspect, OciPlatform } from '@slipway/client'
import {
  type Descriptor,
  type ImageSource,
  isIndex,
  type Platform,
  type Reference,
  withDefaultTag,
} from '@slipway/core'
import type { RegistryCredentials } from '@slipway/remote'
import { parseIndex, parseManifest, readSmall, resolveImage } from '@slipway/transfer'
import { askInTurn } from './pull.ts'
import type { ImageRoom } from './room.ts'

export interface DistributionRequest {
  readonly reference: Reference
  readonly credentials?: RegistryCredentials
  readonly signal?: AbortSignal
}

const shown = ({ os, architecture, variant }: Platform): OciPlatform => ({
  architecture,
  os,
  ...(variant ? { variant } : {}),
})

const isText = (value: unknown): value is string => typeof value === 'string'

/** What an image config says that it is for; unknown to artifacts, whose config may be anything. */
const platformOf = (config: Buffer): readonly Platform[] => {
  try {
    const { os, architecture, variant } = JSON.parse(config.toString('utf8')) as Partial<Record<string, unknown>>
    if (!isText(os) || !isText(architecture)) return []
    return [{ os, architecture, ...(isText(variant) ? { variant } : {}) }]
  } catch {
    return []
  }
}

const platformsOf = async (remote: ImageSource, root: Descriptor): Promise<readonly Platform[]> => {
  const bytes = await readSmall(remote, root)
  if (isIndex(root.mediaType)) {
    return parseIndex(bytes, root.digest).manifests.flatMap(({ platform }) => platform ?? [])
  }
  return platformOf(await readSmall(remote, parseManifest(bytes, root.digest).config))
}

/** `GET /distribution/{name}/json`: what a registry has under a name, without fetching it. Throws as a pull does. */
export const inspectDistribution = (room: ImageRoom, request: DistributionRequest): Promise<DistributionInspect> => {
  const reference = withDefaultTag(request.reference)
  return askInTurn(room, { ...request, reference }, async (remote) => {
    const root = await resolveImage(remote, reference)
    const { mediaType, digest, size } = root
    return { Descriptor: { mediaType, digest, size }, Platforms: (await platformsOf(remote, root)).map(shown) }
  })
}
