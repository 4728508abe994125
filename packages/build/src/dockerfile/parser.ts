import { invalid } from '@slipway/core'
import { type Directives, readDirective } from './directives.ts'
import type { Heredoc, HeredocStart } from './heredoc.ts'
import { fromLine, type Place } from './problem.ts'
import { type Parts, readGrammar, splitInstruction } from './split.ts'
import { trimLeft, trimSpace } from './words.ts'

/** One instruction: its continuation lines joined, comments gone, not yet understood. It stands where its lines do. */
export interface Line extends Parts, Place {
  readonly heredocs: readonly Heredoc[]
  /** The whole instruction, as it is shown. */
  readonly original: string
  readonly escapeChar: string
}

export interface ParsedFile {
  readonly directives: Directives
  readonly lines: readonly Line[]
}

/** In bytes, without its ending. */
const longestLine = 65535
/** More than any image can have layers, and few enough for whatever looks at each in the light of all others. */
const mostInstructions = 10_000
const isComment = (line: string): boolean => trimLeft(line).startsWith('#')
const withoutEnding = (line: string): string => line.replace(/[\r\n]+$/, '')

/** The line without its continuation mark; undefined when it has none. Two marks at the end are none. */
const withoutContinuation = (line: string, escapeChar: string): string | undefined => {
  let end = line.length
  while (line[end - 1] === ' ' || line[end - 1] === '\t') end -= 1
  if (line[end - 1] !== escapeChar || line[end - 2] === escapeChar) return undefined
  return line.slice(0, end - 1)
}

/** The physical lines of a file, each with its ending, read one after the other. One that is too long ends them. */
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

  /** The number of the line that is too long, when everything before it was read. */
  get tooLong(): number | undefined {
    return this.#at < this.#lines.length ? this.#at + 1 : undefined
  }

  next(): string | undefined {
    const line = this.#lines[this.#at]
    if (line === undefined || Buffer.byteLength(line) > longestLine + (line.endsWith('\n') ? 1 : 0)) return undefined
    this.#at += 1
    return line
  }
}

/** Joins what follows a continuation mark. Comments and empty lines in between vanish. */
const readContinuation = (first: string, lines: Lines, escapeChar: string): string => {
  const parts: string[] = []
  let part = withoutContinuation(first, escapeChar)
  if (part === undefined) return first
  parts.push(part)
  for (let raw = lines.next(); raw !== undefined; raw = lines.next()) {
    const line = withoutEnding(raw)
    if (isComment(line) || trimLeft(line) === '') continue
    part = withoutContinuation(line, escapeChar)
    parts.push(part ?? line)
    if (part === undefined) break
  }
  return parts.join('')
}

/** Of the instruction that begins at the line `from`. */
const readHeredoc = (start: HeredocStart, lines: Lines, from: number): Heredoc => {
  const content: string[] = []
  for (let raw = lines.next(); raw !== undefined; raw = lines.next()) {
    const line = withoutEnding(raw)
    if ((start.chomp ? line.replace(/^\t+/, '') : line) === start.name) {
      return { ...start, content: content.join('') }
    }
    content.push(raw)
  }
  return fromLine({ start: from, end: lines.number }, () => {
    throw invalid('unterminated heredoc')
  })
}

/** The instruction that `first` begins; undefined: there is nothing but a continuation mark. */
const readLine = (first: string, lines: Lines, escapeChar: string): Line | undefined => {
  const start = lines.number
  const original = trimSpace(readContinuation(first, lines, escapeChar))
  if (original === '') return undefined
  const parts = splitInstruction(original)
  const starts = fromLine({ start, end: lines.number }, () => readGrammar(parts, escapeChar))
  const heredocs = starts.map((heredoc) => readHeredoc(heredoc, lines, start))
  return { ...parts, heredocs, original, start, end: lines.number, escapeChar }
}

const checkEnd = (lines: Lines, instructions: readonly Line[]): void => {
  if (instructions.length === 0) {
    const last = { start: lines.number, end: lines.number }
    const none = invalid('file with no instructions')
    if (last.start === 0) throw none
    fromLine(last, () => {
      throw none
    })
  }
  const { tooLong } = lines
  if (tooLong === undefined) return
  fromLine({ start: tooLong, end: tooLong }, () => {
    throw invalid(`dockerfile line greater than max allowed size of ${longestLine}`)
  })
}

/** Splits a Dockerfile into its instructions. Throws invalid with the line in the message. */
export const parseDockerfile = (text: string): ParsedFile => {
  if (text === '') throw invalid('the Dockerfile cannot be empty')
  const lines = new Lines(text)
  const instructions: Line[] = []
  let directives: Directives = {}
  let atTop = true
  for (let raw = lines.next(); raw !== undefined; raw = lines.next()) {
    const first = trimLeft(withoutEnding(raw))
    const place = { start: lines.number, end: lines.number }
    const found: Directives | undefined = atTop ? fromLine(place, () => readDirective(first, directives)) : undefined
    atTop = found !== undefined
    directives = found ?? directives
    if (first === '' || isComment(first)) continue
    const line = readLine(first, lines, directives['escape'] ?? '\\')
    if (line === undefined) continue
    if (instructions.length === mostInstructions) {
      throw invalid(`a Dockerfile may have ${mostInstructions} instructions`)
    }
    instructions.push(line)
  }
  checkEnd(lines, instructions)
  return { directives, lines: instructions }
}
