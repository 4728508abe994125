import { type Descriptor, formatPlatform, type Platform, SlipwayError } from '@slipway/core'

/** What stands first runs here; what follows does too, with fewer instructions. */
const armVariants = ['v8', 'v7', 'v6', 'v5']

/** Smaller is better; undefined does not run on `wanted` (containerd's platforms package orders them so as well). */
const rank = (wanted: Platform, offered: Platform | undefined): number | undefined => {
  if (offered === undefined || offered.os !== wanted.os || offered.architecture !== wanted.architecture)
    return undefined
  const [have, want] = [offered.variant ?? '', wanted.variant ?? '']
  if (have === want) return 0
  if (wanted.architecture === 'arm') {
    const distance = armVariants.indexOf(have || 'v7') - armVariants.indexOf(want || 'v7')
    return distance >= 0 ? distance : undefined
  }
  // arm64 means arm64/v8; amd64 may be offered in variants that newer processors alone can run.
  if (have === '' || (wanted.architecture === 'arm64' && have === 'v8' && want === '')) return 1
  return undefined
}

/** The manifest of an index that runs on `wanted`. Throws not-found in docker's words. */
export const selectPlatform = (manifests: readonly Descriptor[], wanted: Platform): Descriptor => {
  let best: { readonly descriptor: Descriptor; readonly rank: number } | undefined
  for (const descriptor of manifests) {
    const found = rank(wanted, descriptor.platform)
    if (found !== undefined && (best === undefined || found < best.rank)) best = { descriptor, rank: found }
  }
  if (best !== undefined) return best.descriptor
  throw new SlipwayError('not-found', `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`)
}
