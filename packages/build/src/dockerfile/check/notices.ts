import { posix } from 'node:path'
import { type IgnoreMatcher, isIgnored } from '@slipway/core'
import type { Line } from '../parser.ts'
import { quoteText } from '../quote.ts'
import type { Stage } from '../stage.ts'

const secretWords = [
  'apikey',
  'auth',
  'credential',
  'credentials',
  'key',
  'password',
  'pword',
  'passwd',
  'secret',
  'token',
]
const secretName = new RegExp(`(?:_|^)(?:${secretWords.join('|')})(?:_|$)`, 'i')
/** `PUBLIC_KEY`, `PASSWORD_FILE` and `KEY_VERSION` are no secrets. */
const harmlessName = /(?:_|^)(?:public|file|version)(?:_|$)/i

/** ARG and ENV aren't for secrets. */
export const noticeSecret = ({ notice }: Stage, instruction: 'ARG' | 'ENV', name: string): void => {
  if (!secretName.test(name) || harmlessName.test(name)) return
  const what = `${instruction} ${quoteText(name)}`
  notice?.('SecretsUsedInArgOrEnv', `Do not use ARG or ENV instructions for sensitive data (${what})`)
}

/** `ENV key the value`. */
export const noticeOlderForm = ({ notice }: Stage, { name, text }: Line): void => {
  const [first = ''] = text.split(/[\t\v\f\r ]/, 1)
  if (first.includes('=')) return
  const better = `"${name} key=value" should be used instead of legacy "${name} key value" format`
  notice?.('LegacyKeyValueFormat', better)
}

/** Whoever chose a shell is taken to know what it does. */
export const noticeShellForm = ({ notice, config }: Stage, { name }: Line): void => {
  if ((config.Shell ?? []).length > 0) return
  const text = `JSON arguments recommended for ${name} to prevent unintended behavior related to OS signals`
  notice?.('JSONArgsRecommended', text)
}

/** The stage in which the instruction was given; one that was given before doesn't count any more, and is told. */
export const noticeGiven = (stage: Stage, { name, start, end }: Line): Stage => {
  const before = stage.given[name]
  if (before !== undefined) {
    const why = 'should not be used in the same stage because only the last one will be used'
    stage.notice?.('MultipleInstructionsDisallowed', `Multiple ${name} instructions ${why}`, before)
  }
  return { ...stage, given: { ...stage.given, [name]: { start, end } } }
}

/** What a port is outside isn't the image's business. */
export const noticeForeignPort = ({ notice }: Stage, port: string): void => {
  const what = 'EXPOSE instruction should not define an IP address or host-port mapping'
  notice?.('ExposeInvalidFormat', `${what}, found '${port}'`)
}

export const noticeProtocol = ({ notice }: Stage, port: string): void =>
  notice?.('ExposeProtoCasing', `Defined protocol '${port}' in EXPOSE instruction should be lowercase`)

/** A name that nothing has, and that only patterns for everything take. */
const anyName = '\u0001\u0002\u0003'

/** What is wrong with a pattern is told by whoever sends the files. */
const isLeftOut = (ignore: IgnoreMatcher, path: string): boolean => {
  try {
    return isIgnored(ignore, path)
  } catch {
    return false
  }
}

/** What COPY and ADD take from the context, and .dockerignore leaves out. With exceptions there it can't be told. */
export const noticeIgnored = (
  { notice }: Stage,
  { name }: Line,
  { paths, ignore }: { readonly paths: readonly string[]; readonly ignore: IgnoreMatcher | undefined },
): void => {
  if (notice === undefined || ignore === undefined || ignore.isEmpty || ignore.hasExceptions) return
  for (const path of paths) {
    const clean = posix.normalize(path).replace(/(?<=.)\/$/, '')
    const isRoot = clean === '.' || clean === '/'
    if (!isLeftOut(ignore, isRoot ? anyName : clean)) continue
    const verb = name === 'ADD' ? 'Add' : 'Copy'
    notice('CopyIgnoredFile', `Attempting to ${verb} file ${quoteText(clean)} that is excluded by .dockerignore`)
  }
}
