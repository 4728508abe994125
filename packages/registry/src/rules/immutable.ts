import type { ProjectRule } from '@slipway/client/hub'
import type { Sql } from '@slipway/core'
import { ociError } from '../distribution/oci-error.ts'
import { fitsGlob } from './glob.ts'

type Names = Pick<ProjectRule, 'repositories' | 'tags'>

/** Whether a rule is for this repository, whose name has the project's before it. */
export const coversRepository = ({ repositories }: Pick<Names, 'repositories'>, repository: string): boolean =>
  fitsGlob(repositories, repository.slice(repository.indexOf('/') + 1))

/** Of a repository: which of its tags may be neither moved nor deleted. */
export const immutableTagsOf = async (sql: Sql, repositoryId: number): Promise<(tag: string) => string | undefined> => {
  const rules = await sql<Names & { readonly repository: string }>`
    SELECT repository.name AS repository, repositories, tags FROM repository
    JOIN project_rule ON project_rule.project = repository.project AND project_rule.kind = 'immutable'
    WHERE repository.id = ${repositoryId}`
  const patterns = rules.filter((rule) => coversRepository(rule, rule.repository)).map(({ tags }) => tags)
  return (tag) => patterns.find((pattern) => fitsGlob(pattern, tag))
}

/** Throws forbidden when a rule says that one of these tags stays what it is. In a transaction that it undoes. */
export const refuseImmutable = async (sql: Sql, repositoryId: number, tags: readonly string[]): Promise<void> => {
  if (tags.length === 0) return
  const ruleFor = await immutableTagsOf(sql, repositoryId)
  for (const tag of tags) {
    const pattern = ruleFor(tag)
    if (pattern === undefined) continue
    const message = `tag ${tag} is immutable (rule ${pattern} of its project): it can't be moved or deleted`
    throw ociError('DENIED', { message, detail: { tag, rule: pattern } })
  }
}
