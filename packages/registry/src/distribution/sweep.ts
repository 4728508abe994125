import { dropExpiredUploads, isUploadLive, uploadLifeMs } from '../metadata/uploads.ts'
import type { Registry } from '../registry.ts'

/**
 * Forgets uploads that nobody has gone on with for a day, and the bytes of those nobody can name any more (a client that
 * went away in the middle of a single POST when the server died). Returns how many were dropped.
 */
export const sweepUploads = async (registry: Registry, now = new Date()): Promise<number> => {
  const { database, content, writers } = registry
  await dropExpiredUploads(database.sql, now)
  let dropped = 0
  for await (const { ref, updatedAt } of content.ingests()) {
    if (now.getTime() - updatedAt.getTime() < uploadLifeMs) continue
    if (writers.isBusy(ref) || (await isUploadLive(database.sql, ref, now))) continue
    await using ingest = await content.ingest(ref)
    await ingest.discard()
    dropped += 1
  }
  return dropped
}
