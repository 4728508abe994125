import type { Action } from '@slipway/core'

/** What a member is in a project, the least first. */
export const roles = ['guest', 'developer', 'maintainer', 'owner'] as const
export type Role = (typeof roles)[number]

/**
 * What each role may do: with the project's repositories, and with the project itself. There `pull` is to see it, `push` to see
 * its members, `delete` to set its rules, robots and webhooks, and `manage` to change its members and settings. The view
 * `account_right` says the same to the database.
 */
export const actionsOf: Readonly<Record<Role, readonly Action[]>> = {
  guest: ['pull'],
  developer: ['pull', 'push'],
  maintainer: ['pull', 'push', 'delete'],
  owner: ['pull', 'push', 'delete', 'manage'],
}
