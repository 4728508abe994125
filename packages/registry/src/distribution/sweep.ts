import { addTotal } from '../metadata/queue.ts'
import { dropExpiredUploads, isUploadLive, uploadLifeMs } from '../metadata/uploads.ts'
import type { Registry } from '../registry.ts'

/**
 * Forgets uploads that nobody has gone on with for a day, and the bytes of those nobody can name any more (a client that
 * went away in the middle of a single POST when the server died). Returns how many were dropped.
 */
export const sweepUploads = async (
  { database, storage, writers }: Pick<Registry, 'database' | 'storage' | 'writers'>,
  now = new Date(),
): Promise<number> => {
  await dropExpiredUploads(database.sql, now)
  let [reviewed, dropped, freedBytes] = [0, 0, 0]
  for await (const { ref, offset, updatedAt } of storage.ingests()) {
    reviewed += 1
    if (now.getTime() - updatedAt.getTime() < uploadLifeMs) continue
    if (writers.isBusy(ref) || (await isUploadLive(database.sql, ref, now))) continue
    await using ingest = await storage.ingest(ref)
    await ingest.discard()
    dropped += 1
    freedBytes += offset
  }
  if (reviewed > 0) await addTotal(database.sql, { kind: 'upload', reviewed, collected: dropped, freedBytes })
  return dropped
}
