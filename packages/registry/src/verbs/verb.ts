import type { Database, Logger, Sql } from '@slipway/core'
import type { AuditFilter } from '../audit/find-events.ts'
import type { AuditFormatName } from '../audit/formats.ts'
import type { Deed } from '../audit/note.ts'
import type { CheckOptions } from '../check/check.ts'
import type { Retention } from '../metadata/retention.ts'
import type { BlobStorage } from '../storage/storage.ts'

/** What the verbs work with: the database and the storage themselves, also while the registry runs. */
export interface Administration {
  readonly sql: Sql
  readonly database: Database
  readonly storage: BlobStorage
  readonly retention: Retention
  readonly logger: Logger
  readonly check: CheckOptions
  readonly audit: { readonly filter: AuditFilter; readonly format: AuditFormatName | undefined }
  /** Tells the audit, at once, what a verb has done among other things. */
  readonly note: (deed: Deed) => Promise<void>
  readonly readPassword: () => Promise<string>
  readonly print: (line: string) => void
}

/** One verb of `slipway registry`: its words, and what it does with the arguments behind them. */
export interface Verb {
  readonly words: readonly string[]
  /** In capitals what must be given; in brackets what may be. */
  readonly arguments: string
  readonly about: string
  /** What the audit is told of it, where it changes something. */
  readonly deed?: (...args: readonly string[]) => Deed
  readonly run: (tools: Administration, ...args: readonly string[]) => Promise<void>
}
