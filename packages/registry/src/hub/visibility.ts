import type { VisibilityChoice } from '@slipway/client/hub'
import { setVisibility } from '../access/visibility.ts'
import type { Asked } from '../api/route.ts'
import type { Registry } from '../registry.ts'

/** Who may pull. */
export const putVisibility = async (
  { repository, body }: Asked<{ readonly body: VisibilityChoice }>,
  { database: { sql } }: Registry,
): Promise<void> => setVisibility(sql, repository, body.visibility)
