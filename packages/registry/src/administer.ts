import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { invalid, type Sql } from '@slipway/core'
import { newEventId, recordEvents } from './audit/events.ts'
import type { Deed } from './audit/note.ts'
import { auditVerbs } from './verbs/audit.ts'
import { checkVerbs } from './verbs/check.ts'
import { gcVerbs } from './verbs/gc.ts'
import { htpasswdVerbs } from './verbs/htpasswd.ts'
import { invitationVerbs } from './verbs/invitations.ts'
import { repositoryVerbs } from './verbs/repositories.ts'
import { tokenVerbs } from './verbs/tokens.ts'
import { userVerbs } from './verbs/users.ts'
import type { Administration, Verb } from './verbs/verb.ts'

/** `slipway registry …`. */
export const verbs: readonly Verb[] = [
  ...userVerbs,
  ...invitationVerbs,
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

const whoTypes = (): string => {
  try {
    return process.env['SUDO_USER'] ?? userInfo().username
  } catch {
    // A user that the machine has no name for.
    return String(process.getuid?.())
  }
}

/** Whoever works on the machine itself is no account of the registry: its audit is told who they are to the machine. */
const noteVerb = async (sql: Sql, { action, repository, subject, detail }: Deed): Promise<void> => {
  const now = new Date()
  const event = {
    ...{ id: newEventId(now), at: now.toISOString(), requestId: randomUUID() },
    ...{ account: null, address: `command line (${whoTypes()})`, action },
    ...{ repository: repository ?? null, subject: subject ?? null, detail: detail || null },
  }
  await recordEvents(sql, [event])
}

export const administer = async (
  words: readonly string[],
  tools: Omit<Administration, 'sql' | 'note'>,
): Promise<void> => {
  const { verb, args } = findVerb(words)
  const { sql } = tools.database
  await verb.run({ ...tools, sql, note: (deed) => noteVerb(sql, deed) }, ...args)
  if (verb.deed !== undefined) await noteVerb(sql, verb.deed(...args))
}
