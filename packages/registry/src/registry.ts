import type { Authorizer, Database, Logger } from '@slipway/core'
import type { Visibility } from './access/visibility.ts'
import type { CheckPassword } from './accounts/check-password.ts'
import type { AuditLog } from './audit/log.ts'
import type { Pace } from './distribution/pace.ts'
import type { RecentManifests } from './distribution/recent-manifests.ts'
import type { UploadWriters } from './distribution/upload-writers.ts'
import type { Feed } from './feed/feed.ts'
import type { Collector } from './gc/collector.ts'
import type { Limit } from './limits/limits.ts'
import type { Retention } from './metadata/retention.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { PullCounter } from './pulls/counter.ts'
import type { SignInWays } from './sign-in/ways.ts'
import type { BlobStorage } from './storage/storage.ts'
import type { Traces } from './trace/traces.ts'

/** What the handlers need to know of how the registry was set up. */
export interface RegistrySettings {
  /** Of repositories that nobody has made one or the other. */
  readonly visibility: Visibility
  /** Whether clients that ask for a refresh token get one. */
  readonly identityTokens: boolean
  /** A proxy stands before us: who asks, and how, is what its headers say. */
  readonly behindProxy: boolean
  /** Every answer is a line of the log. */
  readonly accessLog: boolean
  /** The audit knows also who pulled. */
  readonly auditPulls: boolean
  /** Who may make projects; each may make the one of their own name. */
  readonly projects: 'everyone' | 'managers'
  /** Of new projects, in bytes; null: no limit. */
  readonly projectQuota: number | null
  /** How long what is read as a whole (a manifest, JSON, a form) may take to come, however steadily it drips. */
  readonly bodyMs: number
  /** How slowly a blob may come. */
  readonly uploadPace: Pace
}

/** What every request handler is given: the parts that `compose.ts` has put together. */
export interface Registry {
  readonly database: Database
  readonly storage: BlobStorage
  /** Whether there is room for more than what takes something away. */
  readonly hasRoom: () => Promise<boolean>
  /** How long what nobody holds any more is kept. */
  readonly retention: Retention
  readonly collector: Collector
  readonly settings: RegistrySettings
  readonly authorizer: Authorizer
  readonly checkPassword: CheckPassword
  readonly signIn: SignInWays
  /** Signs and checks tokens. */
  readonly tokenKey: Uint8Array
  readonly writers: UploadWriters
  readonly manifests: RecentManifests
  readonly limit: Limit
  readonly audit: AuditLog
  readonly feed: Feed
  readonly pulls: PullCounter
  /** Undefined: nobody wants to see them. */
  readonly metrics: Metrics | undefined
  readonly traces: Traces | undefined
  readonly lifecycle: { readonly isStopping: boolean }
  readonly logger: Logger
}
