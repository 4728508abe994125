import type { Digest } from '@slipway/core'
import { callerMay } from '../access/caller.ts'
import { findBlob, findHolders, mountBlobInto } from '../metadata/blobs.ts'
import { ensureRepository } from '../metadata/repositories.ts'
import type { Registry } from '../registry.ts'
import type { RepositoryRequest } from './repository-route.ts'

/** Where an anonymous mount may look; a base image can be in thousands of repositories. */
const holdersAsked = 20

const sources = async (request: RepositoryRequest, registry: Registry, digest: Digest): Promise<readonly string[]> => {
  const from = request.query.get('from')
  return from === null || from === '' ? findHolders(registry.database.sql, digest, holdersAsked) : [from]
}

/**
 * Takes a blob from a sister repository without moving its bytes (OCI distribution-spec, "Mounting a blob from another
 * repository"). False when it isn't there, or the caller may not read it there: one can't tell which.
 */
export const mountBlob = async (request: RepositoryRequest, registry: Registry, digest: Digest): Promise<boolean> => {
  for (const source of await sources(request, registry, digest)) {
    if (!(await callerMay(registry, request.caller, 'pull', source))) continue
    const mounted = await registry.database.transaction(async (sql) => {
      if ((await findBlob(sql, source, digest)) === undefined) return false
      const { id } = await ensureRepository(sql, request.repository)
      return mountBlobInto(sql, registry.retention, id, digest)
    })
    if (mounted) return true
  }
  return false
}
