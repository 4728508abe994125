import { invalid } from '@slipway/core'
import { type Directives, readDirective } from './directives.ts'
import { takeFlags } from './flags.ts'
import { findHeredocs, type Heredoc, type HeredocStart } from './heredoc.ts'
import { parseJsonForm } from './json-form.ts'
import { fromLine } from './problem.ts'

/** One instruction: its continuation lines joined, comments gone, not yet understood. */
export interface Line {
  /** In capitals. */
  readonly name: string
  /** As it was typed. */
  readonly typed: string
  /** The leading `--flag` words, still unread. */
  readonly flags: readonly string[]
  /** What follows the name and the flags. */
  readonly text: string
  readonly heredocs: readonly Heredoc[]
  /** The whole instruction, as it is shown. */
  readonly original: string
  /** The first and the last line of the file it takes, counted from 1. */
  readonly start: number
  readonly end: number
  readonly escapeChar: string
}

export interface ParsedFile {
  readonly directives: Directives
  readonly lines: readonly Line[]
}

const longestLine = 65535
/** More than any image can have layers, and few enough for whatever looks at each in the light of all others. */
const mostInstructions = 10_000
const withHeredocs = new Set(['ADD', 'COPY', 'RUN'])
const withJson = new Set(['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME'])
const isComment = (line: string): boolean => /^\s*#/.test(line)

/** The line without its continuation mark; undefined when it has none. Two marks at the end are none. */
const withoutContinuation = (line: string, escapeChar: string): string | undefined => {
  const trimmed = line.replace(/[ \t]+$/, '')
  if (!trimmed.endsWith(escapeChar) || trimmed.at(-2) === escapeChar) return undefined
  return trimmed.slice(0, -1)
}

/** `RUN --network=none make` in its parts. */
export const splitInstruction = (text: string): Pick<Line, 'name' | 'typed' | 'flags' | 'text'> => {
  const trimmed = text.trim()
  const typed = /^[^\t\v\f\r ]*/.exec(trimmed)?.[0] ?? ''
  const { words, rest } = takeFlags(trimmed.slice(typed.length).trim())
  return { name: typed.toUpperCase(), typed, flags: words, text: rest.trim() }
}

const heredocsOf = (parts: Pick<Line, 'name' | 'text'>): readonly HeredocStart[] => {
  if (parts.name === 'ONBUILD') return heredocsOf(splitInstruction(parts.text))
  // A list of something else than text is found out here.
  const isJson = withJson.has(parts.name) && parseJsonForm(parts.text) !== undefined
  if (isJson || !withHeredocs.has(parts.name)) return []
  return findHeredocs(parts.text)
}

/** The physical lines of a file, each with its ending, read one after the other. */
class Lines {
  readonly #lines: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#lines = text.replace(/^\uFEFF/, '').match(/[^\n]*\n|[^\n]+$/g) ?? []
  }

  /** How many were read: the number of the newest one. */
  get number(): number {
    return this.#at
  }

  next(): string | undefined {
    const line = this.#lines[this.#at]
    if (line === undefined) return undefined
    this.#at += 1
    if (line.length > longestLine) {
      fromLine(this.#at, () => {
        throw invalid(`dockerfile line greater than max allowed size of ${longestLine}`)
      })
    }
    return line
  }
}

const withoutEnding = (line: string): string => line.replace(/[\r\n]+$/, '')

/** Joins what follows a continuation mark. Comments and empty lines in between vanish. */
const readContinuation = (first: string, lines: Lines, escapeChar: string): string => {
  const parts: string[] = []
  let part = withoutContinuation(first, escapeChar)
  if (part === undefined) return first
  parts.push(part)
  for (let raw = lines.next(); raw !== undefined; raw = lines.next()) {
    const line = withoutEnding(raw)
    if (isComment(line) || line.trim() === '') continue
    part = withoutContinuation(line, escapeChar)
    parts.push(part ?? line)
    if (part === undefined) break
  }
  return parts.join('')
}

const readHeredoc = (start: HeredocStart, lines: Lines): Heredoc => {
  const content: string[] = []
  for (let raw = lines.next(); raw !== undefined; raw = lines.next()) {
    const line = withoutEnding(raw)
    if ((start.chomp ? line.replace(/^\t+/, '') : line) === start.name) {
      return { ...start, content: content.join('') }
    }
    content.push(raw)
  }
  throw invalid('unterminated heredoc')
}

/** Splits a Dockerfile into its instructions. Throws invalid with the line in the message. */
export const parseDockerfile = (text: string): ParsedFile => {
  const lines = new Lines(text)
  const instructions: Line[] = []
  let directives: Directives = {}
  let atTop = true
  for (let raw = lines.next(); raw !== undefined; raw = lines.next()) {
    const first = withoutEnding(raw).trimStart()
    const start = lines.number
    const found: Directives | undefined = atTop ? fromLine(start, () => readDirective(first, directives)) : undefined
    atTop = found !== undefined
    directives = found ?? directives
    if (first === '' || isComment(first)) continue
    const escapeChar = directives['escape'] ?? '\\'
    const original = readContinuation(first, lines, escapeChar).trim()
    if (original === '') continue
    const parts = splitInstruction(original)
    const heredocs = fromLine(start, () => heredocsOf(parts).map((heredoc) => readHeredoc(heredoc, lines)))
    if (instructions.length === mostInstructions) {
      throw invalid(`a Dockerfile may have ${mostInstructions} instructions`)
    }
    instructions.push({ ...parts, heredocs, original, start, end: lines.number, escapeChar })
  }
  if (instructions.length === 0) throw invalid('file with no instructions')
  return { directives, lines: instructions }
}
