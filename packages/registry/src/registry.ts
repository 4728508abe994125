import type { Authorizer, ContentStore, Database, Logger } from '@slipway/core'
import type { CheckPassword } from './accounts/check-password.ts'
import type { UploadWriters } from './distribution/upload-writers.ts'

/** What every request handler is given: the parts that `compose.ts` has put together. */
export interface Registry {
  readonly database: Database
  readonly content: ContentStore
  readonly authorizer: Authorizer
  readonly checkPassword: CheckPassword
  /** Signs and checks tokens. */
  readonly tokenKey: Uint8Array
  readonly writers: UploadWriters
  readonly logger: Logger
}
