import { takeFlags } from './flags.ts'
import { findHeredocs, type HeredocStart } from './heredoc.ts'
import { parseJsonForm } from './json-form.ts'
import { parsePairs } from './pairs.ts'
import { trimLeft, trimSpace } from './words.ts'

/** An instruction's line in its parts. */
export interface Parts {
  /** In capitals. */
  readonly name: string
  /** As it was typed. */
  readonly typed: string
  /** The leading `--flag` words, still unread. */
  readonly flags: readonly string[]
  /** What follows the name and the flags. */
  readonly text: string
}

const withHeredocs = new Set(['ADD', 'COPY', 'RUN'])
const withJson = new Set(['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME'])
const withPairs = new Set(['ENV', 'LABEL'])

/** `RUN --network=none make` in its parts. */
export const splitInstruction = (text: string): Parts => {
  const trimmed = trimSpace(text)
  const typed = /^[^\t\v\f\r ]*/.exec(trimmed)?.[0] ?? ''
  const { words, rest } = takeFlags(trimSpace(trimmed.slice(typed.length)))
  return { name: typed.toUpperCase(), typed, flags: words, text: trimSpace(rest) }
}

/** `CMD` and what it is to do. */
export const splitCheck = (text: string): { readonly typed: string; readonly rest: string } => {
  const typed = /^\S*/.exec(text)?.[0] ?? ''
  return { typed, rest: trimLeft(text.slice(typed.length)) }
}

/**
 * The heredocs that a line begins. Throws invalid for what can't be read as a line of its kind: BuildKit finds that out in the
 * whole file before it looks at any instruction.
 */
export const readGrammar = ({ name, text }: Parts, escapeChar: string): readonly HeredocStart[] => {
  if (name === 'ONBUILD') {
    const trigger = splitInstruction(text)
    // One behind the other is refused anyway, and could go on forever.
    return trigger.name === 'ONBUILD' ? [] : readGrammar(trigger, escapeChar)
  }
  if (withPairs.has(name)) parsePairs(name, text, escapeChar)
  if (name === 'HEALTHCHECK') parseJsonForm(splitCheck(text).rest)
  const isJson = withJson.has(name) && parseJsonForm(text) !== undefined
  return isJson || !withHeredocs.has(name) ? [] : findHeredocs(text)
}
