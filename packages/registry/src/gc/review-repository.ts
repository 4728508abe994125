import { inMs } from '../metadata/retention.ts'
import { collected, done, later, type Review } from './review.ts'

/** A repository that was deleted is forgotten once everything in it is. */
export const reviewRepository: Review = async (sql, retention, { key }) => {
  const id = Number(key)
  const [repository] = await sql<{ deletedAt: string | null }>`
    SELECT deleted_at AS "deletedAt" FROM repository WHERE id = ${id} /*postgres: FOR UPDATE*/`
  if (repository === undefined || repository.deletedAt === null) return done
  const held = await sql`
    SELECT 1 FROM manifest WHERE repository_id = ${id}
    UNION ALL SELECT 1 FROM repository_blob WHERE repository_id = ${id} LIMIT 1`
  if (held.length > 0) return later(inMs(Math.max(1000, retention.trashMs / 100)))
  await sql`DELETE FROM repository WHERE id = ${id}`
  return collected
}
