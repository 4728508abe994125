import { algorithmOf, type Database, type Digest, digestOf } from '@slipway/core'
import { parseManifest } from '../distribution/parse-manifest.ts'
import { findAbsentParts, listManifests, type ManifestWithPayload } from '../metadata/manifests.ts'
import type { Finding } from './check.ts'

const pageSize = 100

/** Layers that lie elsewhere are named by a manifest, and needn't be here. */
const foreignOf = ({ payload, mediaType, digest }: ManifestWithPayload): ReadonlySet<Digest> =>
  new Set(
    parseManifest(payload, { contentType: mediaType, expected: digest }).foreign.map((descriptor) => descriptor.digest),
  )

async function* inspect(database: Database, manifest: ManifestWithPayload): AsyncGenerator<Finding, void, undefined> {
  const { digest, payload, repository, repositoryId } = manifest
  if (digestOf(payload, algorithmOf(digest)) !== digest) {
    yield { problem: 'damaged manifest', what: digest, repository, repaired: false }
    return
  }
  const absent = await findAbsentParts(database.sql, { repositoryId, digest })
  const foreign = absent.length > 0 ? foreignOf(manifest) : new Set<Digest>()
  for (const { kind, digest: part } of absent) {
    if (foreign.has(part)) continue
    const problem = kind === 'blob' ? 'blob not in repository' : 'child missing'
    yield { problem, what: `${part} of ${digest}`, repository, repaired: false }
  }
}

/** Whether the manifests that clients see are what they were, and all that they name is in their repository. */
export async function* checkManifests(database: Database): AsyncGenerator<Finding, void, undefined> {
  let last = { repositoryId: 0, digest: '' }
  while (true) {
    const manifests = await listManifests(database.sql, last, pageSize)
    for (const manifest of manifests) yield* inspect(database, manifest)
    const end = manifests.at(-1)
    if (end === undefined) return
    last = end
  }
}
