import type { Section } from '../check.ts'
import { deletion } from './delete.ts'
import { errors } from './errors.ts'
import { mountBlob } from './mount.ts'
import { pullBlob } from './pull-blob.ts'
import { pullManifest } from './pull-manifest.ts'
import { pushBlob } from './push-blob.ts'
import { pushChunks } from './push-chunks.ts'
import { pushManifest } from './push-manifest.ts'
import { referrers } from './referrers.ts'
import { support } from './support.ts'
import { listTags } from './tags.ts'

/** OCI distribution-spec 1.1 and what its next version adds, heading by heading. */
export const sections: readonly Section[] = [
  support,
  pullManifest,
  pullBlob,
  pushBlob,
  pushChunks,
  mountBlob,
  pushManifest,
  listTags,
  referrers,
  deletion,
  errors,
]
