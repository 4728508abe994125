/** What the hub's API answers (`/api/v1/…` of a registry). Times are ISO 8601, sizes bytes. */

/** GET /session */
export interface HubSession {
  /** null: nobody has signed in. */
  readonly account: string | null
  /** May manage the registry itself. */
  readonly manages: boolean
  /** Signed in with a password that somebody else made: before all else, another is to be chosen. */
  readonly mustChange: boolean
}

/** GET /sign-in: how one may come in here. */
export interface HubSignIn {
  readonly signUp: 'open' | 'invitation' | 'off'
}

/** A row of GET /invitations: one that nobody has used yet. Its text is told only when it is made. */
export interface HubInvitation {
  readonly id: string
  /** For whom it is, in the words of who made it. */
  readonly note: string
  /** `team/**:pull,push …`; '' for nothing but a project of one's own. */
  readonly grants: string
  readonly createdBy: string | null
  readonly createdAt: string
  readonly expiresAt: string
}

/** A row of GET /sessions: a browser in which somebody has signed in. */
export interface HubBrowser {
  readonly id: string
  readonly address: string
  /** As the browser calls itself. */
  readonly agent: string
  readonly createdAt: string
  readonly usedAt: string | null
  /** The one that asks. */
  readonly isThis: boolean
}

/** A row of GET /repositories. */
export interface RepositoryCard {
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: boolean
  readonly automated: boolean
  readonly visibility: 'public' | 'private'
  /** When something was pushed last. */
  readonly pushedAt: string
}

/** GET /repositories/{name}/-/summary */
export interface RepositoryPage extends Omit<RepositoryCard, 'pushedAt'> {
  /** Markdown. */
  readonly readme: string
  /** To be sent back with an edit. */
  readonly edition: number
  readonly createdAt: string
  readonly tags: number
  /** Of all its blobs, each counted once; others may have them too. */
  readonly size: number
  /** By who asks; so are the three below. */
  readonly starred: boolean
  readonly mayPush: boolean
  readonly mayDelete: boolean
  readonly mayManage: boolean
}

/** A row of GET /repositories/{name}/-/tags. */
export interface TagRow {
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  readonly artifactType: string | null
  /** What a pull of it brings; of an index, of all its platforms. */
  readonly size: number
  readonly movedBy: string | null
  readonly movedAt: string
}

/** A row of GET /repositories/{name}/tags/{tag}/history. */
export interface TagMoveRow {
  /** null: the tag was taken away. */
  readonly digest: string | null
  readonly movedBy: string | null
  readonly movedAt: string
  /** Whether a tag can be pointed at it (again). */
  readonly available: boolean
}

/** A row of GET /repositories/{name}/trash. */
export interface TrashedRow {
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly deletedBy: string | null
  readonly deletedAt: string
}

/** What a manifest may hold: whoever pushed it was free to write what they like. */
export interface ManifestPart {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
}

/** GET /repositories/{name}/-/images/{digest} */
export interface HubImage {
  readonly digest: string
  readonly mediaType: string
  readonly manifest: { readonly layers?: readonly ManifestPart[]; readonly manifests?: readonly ManifestPart[] }
  /** null: it has none, or none that is JSON. */
  readonly config: {
    readonly os?: string
    readonly architecture?: string
    readonly variant?: string
    readonly history?: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[]
  } | null
  /** Tags of the same repository with layers of this image. */
  readonly sharing: readonly { readonly tag: string; readonly layers: number }[]
  /** What a delete would free in the end. */
  readonly freed: number
}

/** What an account may do. */
export interface HubGrant {
  /** `team/app`, `team/**`, or `**` for everything. */
  readonly pattern: string
  readonly actions: readonly string[]
}

/** A row of GET /accounts. */
export interface HubAccount {
  readonly name: string
  readonly kind: 'user' | 'robot'
  readonly createdAt: string
  /** null: it is not. */
  readonly disabledAt: string | null
  readonly grants: readonly HubGrant[]
}

/** A row of GET /tokens; its text is told only when it is made. */
export interface HubAccessToken {
  readonly id: string
  readonly name: string
  /** `team/**:pull,push`; null: all that the account may do. */
  readonly limits: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly usedAt: string | null
}

/** A row of GET /audit, and a line of GET /audit/export?format=jsonl. */
export interface HubAuditEvent {
  /** Sorts by time. */
  readonly id: string
  readonly at: string
  /** null: a stranger, or somebody at the machine's own command line. */
  readonly account: string | null
  /** Where it was asked for; `command line (ann)` by that user of the machine. */
  readonly address: string
  /** `manifest.push`, `tag.delete`, `account.grant`, `login.failed`; `manifest.pull` only where the settings say so. */
  readonly action: string
  readonly repository: string | null
  /** What it was done to: a tag, a digest, an account, a token's id. */
  readonly subject: string | null
  /** More about it: what was granted, to what a tag was rolled back. */
  readonly detail: string | null
  /** The same as in the log, in traces, and in the answer's X-Request-Id. */
  readonly requestId: string
}

/**
 * GET /audit: the newest first. What may be asked for: `repository` (`team/**` for all below), `account`, `action` (`tag.*`),
 * `subject`, `address`, `since` (inclusive) and `until` (exclusive; ISO 8601, or `24h` for so long ago), `n` (at most 1000),
 * and `before`. GET /audit/export takes the same but `n` and `before`, and `format`: `jsonl` or `csv`.
 */
export interface HubAuditPage {
  readonly events: readonly HubAuditEvent[]
  /** The `before` of the next page; null: there is none. */
  readonly next: string | null
}

/** GET /gc */
export interface GarbageStatus {
  readonly running: boolean
  readonly queue: readonly { readonly kind: string; readonly waiting: number; readonly due: number }[]
  readonly next: readonly { readonly kind: string; readonly key: string; readonly reviewAfter: string }[]
  readonly totals: readonly { readonly kind: string; readonly collected: number }[]
  readonly freedBytes: number
}

/** A row of GET /webhooks; its secret is told only when it is made. */
export interface Webhook {
  readonly id: string
  readonly url: string
  /** Of whose repositories it is told: `team/**`. */
  readonly pattern: string
  readonly createdBy: string | null
  readonly createdAt: string
}

/** What a webhook is told. */
export interface WebhookPayload {
  readonly event: 'push' | 'delete'
  readonly repository: string
  readonly tag: string
  readonly digest: string | null
  readonly previous: string | null
  readonly by: string | null
  readonly at: string
}

/** A row of GET /webhooks/{id}/deliveries. */
export interface WebhookDelivery {
  readonly id: string
  readonly payload: WebhookPayload
  readonly createdAt: string
  readonly attempts: number
  /** null: it is over, told or given up. */
  readonly nextAt: string | null
  /** Of the last answer; null: there was none. */
  readonly status: number | null
  readonly error: string | null
}
