import type { Route } from '@slipway/http'
import type { Registry } from '../registry.ts'
import { deleteBlob } from './delete-blob.ts'
import { deleteManifest } from './delete-manifest.ts'
import { getBlob } from './get-blob.ts'
import { getManifest } from './get-manifest.ts'
import { getCatalog, getReferrers, getTags } from './lists.ts'
import { ping } from './ping.ts'
import { putManifest } from './put-manifest.ts'
import { repositoryRoute as on } from './repository-route.ts'
import { appendUpload, cancelUpload, finishUpload, getUpload, startUpload } from './uploads.ts'

/** OCI distribution-spec 1.1, "Endpoints", and docker's `_catalog`. HEAD goes where GET goes. */
export const distributionRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/v2/', handle: ping },
  { method: 'GET', path: '/v2', handle: ping },
  { method: 'GET', path: '/v2/_catalog', handle: getCatalog },

  on('GET', '/v2/{name...}/manifests/{reference}', 'pull', getManifest),
  on('PUT', '/v2/{name...}/manifests/{reference}', 'push', putManifest, 'manifest.push'),
  on('DELETE', '/v2/{name...}/manifests/{reference}', 'delete', deleteManifest, 'manifest.delete'),

  on('POST', '/v2/{name...}/blobs/uploads/', 'push', startUpload),
  on('POST', '/v2/{name...}/blobs/uploads', 'push', startUpload),
  on('GET', '/v2/{name...}/blobs/uploads/{upload}', 'push', getUpload),
  on('PATCH', '/v2/{name...}/blobs/uploads/{upload}', 'push', appendUpload),
  on('PUT', '/v2/{name...}/blobs/uploads/{upload}', 'push', finishUpload),
  on('DELETE', '/v2/{name...}/blobs/uploads/{upload}', 'push', cancelUpload),

  on('GET', '/v2/{name...}/blobs/{digest}', 'pull', getBlob),
  on('DELETE', '/v2/{name...}/blobs/{digest}', 'delete', deleteBlob, 'blob.delete'),

  on('GET', '/v2/{name...}/tags/list', 'pull', getTags),
  on('GET', '/v2/{name...}/referrers/{digest}', 'pull', getReferrers),
]
