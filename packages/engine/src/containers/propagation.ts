import { realpathSync } from 'node:fs'
import { invalid } from '@slipway/core'
import { type MountInfo, readMountInfo } from '@slipway/linux'
import type { Propagation } from '@slipway/runtime'

/** The mount that a path lies on: the last that was made of those nearest above it. */
export const mountOf = (path: string, mounts: readonly MountInfo[]): MountInfo | undefined =>
  mounts
    .filter(({ target }) => target === '/' || target === path || path.startsWith(`${target}/`))
    .reduce<MountInfo | undefined>(
      (nearest, mount) => (mount.target.length >= (nearest?.target.length ?? 0) ? mount : nearest),
      undefined,
    )

const has = (mount: MountInfo | undefined, tag: string): boolean =>
  mount?.propagation.some((each) => each.startsWith(`${tag}:`)) ?? false

/** Why mounts can't travel this way through `source`, in docker's words; undefined when they can. */
export const propagationProblem = (
  source: string,
  propagation: Propagation,
  mounts: readonly MountInfo[],
): string | undefined => {
  const mount = mountOf(source, mounts)
  const where = `path ${source} is mounted on ${mount?.target ?? '/'} but it is not a`
  if (propagation.endsWith('shared')) return has(mount, 'shared') ? undefined : `${where} shared mount`
  if (!propagation.endsWith('slave') || has(mount, 'shared') || has(mount, 'master')) return undefined
  return `${where} shared or slave mount`
}

/** Throws invalid. Only what isn't private is looked at: that is the default, and costs nothing. */
export const assertPropagates = (source: string, propagation: Propagation): void => {
  if (propagation.endsWith('private')) return
  const problem = propagationProblem(realpathSync(source), propagation, readMountInfo())
  if (problem !== undefined) throw invalid(problem)
}
