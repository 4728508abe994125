import { invalid } from '@slipway/core'
import { type Flags, type FlagTable, parseFlags } from './flags.ts'
import { parseJsonForm } from './json-form.ts'
import type { Line } from './parser.ts'
import { atLine, fromLine } from './problem.ts'
import type { Outcome, Setting, Stage } from './stage.ts'
import { splitFields } from './words.ts'

/** A line whose flags are read when they are asked for: what is wrong with the words may be told first. */
export interface FlaggedLine extends Line {
  /** Throws invalid. */
  readonly given: Flags
}

const withFlags = (line: Line, table: FlagTable): FlaggedLine => {
  let read: Flags | undefined
  return {
    ...line,
    get given() {
      read ??= parseFlags(line.flags, table)
      return read
    },
  }
}

/** One Dockerfile instruction, whole: how it is read, and what it does to its stage. */
export interface Definition<Parsed> {
  readonly name: string
  readonly flags?: FlagTable
  /** Flags that are never looked at aren't wrong either: BuildKit has such instructions. */
  readonly ignoresFlags?: true
  /** Throws invalid in docker's words; the line number is added outside. */
  parse(line: FlaggedLine): Parsed
  /** The stages or images whose files it reads, besides its own stage. */
  sources?(parsed: Parsed): readonly SourceName[]
  apply(parsed: Parsed, stage: Stage, setting: Setting): Outcome
}

/** A stage or an image that is read: `--from=name`, or a mount's `from=name` for `target`. */
export interface SourceName {
  readonly name: string
  readonly target?: string
}

/** An instruction that has been read, ready to be applied. */
export interface Command {
  readonly line: Line
  readonly sources: readonly SourceName[]
  apply(stage: Stage, setting: Setting): Outcome
}

export interface Instruction {
  readonly name: string
  read(line: Line): Command
}

export const instruction = <Parsed>(definition: Definition<Parsed>): Instruction => ({
  name: definition.name,
  read(line) {
    const parsed = atLine(line, () => {
      const flagged = withFlags(line, definition.flags ?? {})
      const understood = definition.parse(flagged)
      if (!definition.ignoresFlags) void flagged.given
      return understood
    })
    return {
      line,
      sources: definition.sources?.(parsed) ?? [],
      apply: (stage, setting) => fromLine(line, () => definition.apply(parsed, stage, setting)),
    }
  },
})

/** The one argument of USER, WORKDIR, …: the whole text. Throws invalid. */
export const oneArgument = (line: Line): string => {
  if (line.text === '') throw invalid(`${line.name} requires exactly one argument`)
  return line.text
}

/** `["a", "b"]` or words between white space: COPY, ADD, VOLUME. */
export const listArgument = (line: Line): readonly string[] => parseJsonForm(line.text) ?? splitFields(line.text)

/** Exec form or shell form: RUN, CMD, ENTRYPOINT. */
export type CommandForm =
  | { readonly form: 'exec'; readonly words: readonly string[] }
  | { readonly form: 'shell'; readonly text: string }

export const commandForm = (text: string): CommandForm => {
  const words = parseJsonForm(text)
  return words === undefined ? { form: 'shell', text } : { form: 'exec', words }
}
