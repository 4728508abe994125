import { invalid } from '@slipway/core'
import { auditVerbs } from './verbs/audit.ts'
import { checkVerbs } from './verbs/check.ts'
import { gcVerbs } from './verbs/gc.ts'
import { htpasswdVerbs } from './verbs/htpasswd.ts'
import { repositoryVerbs } from './verbs/repositories.ts'
import { tokenVerbs } from './verbs/tokens.ts'
import { userVerbs } from './verbs/users.ts'
import type { Administration, Verb } from './verbs/verb.ts'

/** `slipway registry …`. */
export const verbs: readonly Verb[] = [
  ...userVerbs,
  ...tokenVerbs,
  ...htpasswdVerbs,
  ...repositoryVerbs,
  ...gcVerbs,
  ...checkVerbs,
  ...auditVerbs,
]

const countMatches = (verb: Verb, pattern: RegExp): number =>
  verb.arguments.split(' ').filter((word) => pattern.test(word)).length

/** Finds the verb that `words` begin with, and its arguments. Throws invalid. */
export const findVerb = (words: readonly string[]): { readonly verb: Verb; readonly args: readonly string[] } => {
  const verb = verbs.find((one) => one.words.every((word, at) => words[at] === word))
  if (verb === undefined) throw invalid(`there is no command "slipway registry ${words.join(' ')}"`)
  const args = words.slice(verb.words.length)
  const [least, optional] = [countMatches(verb, /^[A-Z]+$/), countMatches(verb, /^\[[A-Z]+\]$/)]
  if (args.length < least || args.length > least + optional) {
    throw invalid(`use: slipway registry ${verb.words.join(' ')} ${verb.arguments}`.trim())
  }
  return { verb, args }
}

export const needsPassword = (verb: Verb): boolean => verb.arguments.includes('--password-stdin')

export const administer = async (words: readonly string[], tools: Omit<Administration, 'sql'>): Promise<void> => {
  const { verb, args } = findVerb(words)
  await verb.run({ ...tools, sql: tools.database.sql }, ...args)
}
