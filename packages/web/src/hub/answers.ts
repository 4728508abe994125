/** What the hub's API answers: see `registry/src/hub/`. */
export interface Session {
  readonly account: string | null
  readonly manages: boolean
}

export interface RepositoryCard {
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: boolean
  readonly automated: boolean
  readonly visibility: 'public' | 'private'
  readonly pushedAt: string
}

export interface RepositoryPage extends Omit<RepositoryCard, 'pushedAt'> {
  readonly readme: string
  readonly edition: number
  readonly createdAt: string
  readonly tags: number
  readonly size: number
  readonly starred: boolean
  readonly mayPush: boolean
  readonly mayDelete: boolean
  readonly mayManage: boolean
}

export interface TagRow {
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  readonly artifactType: string | null
  readonly size: number
  readonly movedBy: string | null
  readonly movedAt: string
}

export interface TagMove {
  /** null: the tag was taken away. */
  readonly digest: string | null
  readonly movedBy: string | null
  readonly movedAt: string
  readonly available: boolean
}

export interface Trashed {
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly deletedBy: string | null
  readonly deletedAt: string
}

interface Part {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
}

export interface HubImage {
  readonly digest: string
  readonly mediaType: string
  readonly manifest: { readonly layers?: readonly Part[]; readonly manifests?: readonly Part[] }
  readonly config: {
    readonly os?: string
    readonly architecture?: string
    readonly variant?: string
    readonly config?: Readonly<Record<string, unknown>>
    readonly history?: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[]
  } | null
  readonly sharing: readonly { readonly tag: string; readonly layers: number }[]
  readonly freed: number
}

export interface Grant {
  /** `team/app`, `team/**`, or `**` for everything. */
  readonly pattern: string
  readonly actions: readonly string[]
}

export interface Account {
  readonly name: string
  readonly kind: 'user' | 'robot'
  readonly createdAt: string
  readonly grants: readonly Grant[]
}

export interface AccessToken {
  readonly id: string
  readonly name: string
  readonly limits: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly usedAt: string | null
}

export interface Garbage {
  readonly running: boolean
  readonly queue: readonly { readonly kind: string; readonly waiting: number; readonly due: number }[]
  readonly next: readonly { readonly kind: string; readonly key: string; readonly reviewAfter: string }[]
  readonly totals: readonly { readonly kind: string; readonly collected: number }[]
  readonly freedBytes: number
}
