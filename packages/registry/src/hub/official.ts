import type { OfficialChoice } from '@slipway/client/hub'
import type { Asked } from '../api/route.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'

/** The badge that who manages the registry gives. Search shows those first. */
export const putOfficial = async (
  { repository, body: { official } }: Asked<{ readonly body: OfficialChoice }>,
  { database: { sql } }: Registry,
): Promise<void> => {
  const rows = await sql`
    UPDATE repository SET official = ${official} WHERE name = ${repository} AND deleted_at IS NULL RETURNING id`
  if (rows.length === 0) throw ociError('NAME_UNKNOWN', { detail: { name: repository } })
}
