import type { DoomedTag, ProjectRule } from '@slipway/client/hub'
import type { Digest } from '@slipway/core'
import { fitsGlob } from './glob.ts'
import { coversRepository } from './immutable.ts'

export type RetentionRule = Pick<ProjectRule, 'repositories' | 'tags' | 'keepLatest' | 'keepDays'>

export interface TagFacts {
  readonly name: string
  readonly digest: Digest
  readonly movedAt: string
}

export interface RepositoryFacts {
  readonly repository: string
  /** All of them, the newest first. */
  readonly tags: readonly TagFacts[]
  /** Whether a rule says that the tag stays. */
  readonly isImmutable: (tag: string) => boolean
}

type Reason = DoomedTag['reasons'][number]

const dayMs = 24 * 60 * 60 * 1000

/** Why the rule doesn't keep this tag; undefined when it does. */
const reasonAgainst = (
  { tags, keepLatest, keepDays }: RetentionRule,
  rank: number,
  days: number,
): Reason | undefined => {
  if (keepLatest === null && keepDays === null) return undefined
  if (keepLatest !== null && rank <= keepLatest) return undefined
  if (keepDays !== null && days < keepDays) return undefined
  return { tags, rank, keepLatest, days: Math.floor(days), keepDays }
}

/**
 * Which tags go, and why. A tag that no rule names stays; one that a rule names stays when one of those that name it keeps it:
 * for being among its newest, for being young enough, or because it keeps all.
 */
export const planRetention = (
  rules: readonly RetentionRule[],
  { repository, tags, isImmutable }: RepositoryFacts,
  now: Date,
): readonly (DoomedTag & TagFacts)[] => {
  const reasons = new Map<string, Reason[]>()
  const kept = new Set<string>()
  for (const rule of rules.filter((one) => coversRepository(one, repository))) {
    const named = tags.filter(({ name }) => fitsGlob(rule.tags, name))
    for (const [at, { name, movedAt }] of named.entries()) {
      const reason = reasonAgainst(rule, at + 1, (now.getTime() - Date.parse(movedAt)) / dayMs)
      if (reason === undefined) kept.add(name)
      else reasons.set(name, [...(reasons.get(name) ?? []), reason])
    }
  }
  return tags.flatMap((tag) => {
    const against = reasons.get(tag.name)
    if (against === undefined || kept.has(tag.name) || isImmutable(tag.name)) return []
    return [{ ...tag, repository, tag: tag.name, reasons: against }]
  })
}
