import { readJson, sendEmpty, shape } from '@slipway/http'
import { setVisibility } from '../access/visibility.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { RepositoryHandler } from '../distribution/repository-route.ts'

const visibilityBody = {
  shape: shape.object<{ readonly visibility?: string }>('Visibility', { visibility: shape.text() }),
}

/** `PUT …/-/visibility`: who may pull. */
export const putVisibility: RepositoryHandler = async (request, response, { database }) => {
  const { visibility } = (await readJson(request, visibilityBody)) ?? {}
  if (visibility !== 'public' && visibility !== 'private') {
    throw ociError('REQUEST_INVALID', { message: 'visibility is public or private' })
  }
  await setVisibility(database.sql, request.repository, visibility)
  sendEmpty(response, 204)
}
