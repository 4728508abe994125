/**
 * What a member is in a project, the least first. A guest may pull, a developer also push, a maintainer also delete, an owner
 * also manage. Of the project itself `pull` is to see it, `push` to see its members, `delete` to set its rules, robots and
 * webhooks, and `manage` to change its members and settings. The view `account_right` says the same to the database.
 */
export const roles = ['guest', 'developer', 'maintainer', 'owner'] as const
export type Role = (typeof roles)[number]
