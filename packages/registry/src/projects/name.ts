import { invalid, isRepositoryName } from '@slipway/core'

/** The first part of a repository's name: the project it is in. '' for a name of one part, which is in none. */
export const projectOf = (repository: string): string =>
  repository.includes('/') ? repository.slice(0, repository.indexOf('/')) : ''

const longestName = 128

export const isProjectName = (text: string): boolean =>
  text.length <= longestName && !text.includes('/') && isRepositoryName(text)

/** A project's name from outside. Throws invalid. */
export const projectNameFrom = (text: string): string => {
  if (isProjectName(text)) return text
  throw invalid(
    `invalid project name ${JSON.stringify(text.slice(0, 160))}: use lower-case letters, digits, and . _ - between them`,
  )
}
