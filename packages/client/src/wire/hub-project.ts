/** What the hub's API answers about projects, teams and rules. Times are ISO 8601, sizes bytes. */

/** What a member is, the least first. */
export type ProjectRole = 'guest' | 'developer' | 'maintainer' | 'owner'

/** A row of GET /projects. */
export interface ProjectRow {
  readonly name: string
  readonly description: string
  readonly visibility: 'public' | 'private'
  readonly createdAt: string
  /** How many it has, the deleted ones not counted. */
  readonly repositories: number
  /**
   * The blobs of all its repositories, each counted once, those of deleted images too until the trash is emptied; null for who
   * may not know.
   */
  readonly used: number | null
  /** null: no limit, or not for who asks. */
  readonly quota: number | null
}

/** GET /projects/{project} */
export interface ProjectPage extends ProjectRow {
  /** By who asks; so are those below. */
  readonly mayPush: boolean
  /** Rules, robots and webhooks. */
  readonly mayMaintain: boolean
  /** Members, settings, and its end. */
  readonly mayOwn: boolean
  /** The quota: for who manages the registry. */
  readonly maySetQuota: boolean
}

/** A row of GET /projects/{project}/members. */
export interface ProjectMember {
  readonly kind: 'account' | 'team'
  readonly name: string
  readonly role: ProjectRole
  readonly addedAt: string
}

/** A row of GET /projects/{project}/robots; its secret is told only when it is made. */
export interface ProjectRobot {
  /** What it logs in as: `team+ci`. */
  readonly name: string
  readonly description: string
  /** `team/**:pull,push` */
  readonly rights: string
  readonly createdBy: string | null
  readonly createdAt: string
  /** null: never. */
  readonly expiresAt: string | null
  readonly usedAt: string | null
}

/** A row of GET /teams. */
export interface Team {
  readonly name: string
  readonly description: string
  readonly members: readonly string[]
}
