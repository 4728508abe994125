import { invalid, messageOf } from '@slipway/core'
import { replacePattern, trimPrefix, trimSuffix } from './pattern.ts'
import { quoteText } from './quote.ts'
import { isSpace } from './words.ts'

/** The variables that text can name; undefined: not set, which is not the same as empty. */
export type Variables = (name: string) => string | undefined

export interface ExpandOptions {
  /** `\`, or what the `escape` directive says. */
  readonly escape?: string
  /** Quotes stay in the result. */
  readonly keepQuotes?: boolean
  /** Escape characters stay in the result. */
  readonly keepEscapes?: boolean
  /** Quotes have no meaning, as in the body of a heredoc. */
  readonly ignoreQuotes?: boolean
  /** `$name` of an unset variable stays as it is. */
  readonly keepUnset?: boolean
  /** White space behind a heredoc's `<<` belongs to its word. */
  readonly keepMarkers?: boolean
}

// ENV A=$A$A doubles a value in every line: without a bound, sixty lines fill any memory.
const longestResult = 1 << 20
const deepestNesting = 64
const specialParameters = '@*#?-$!'
const isDigit = (char: string): boolean => /^[0-9]$/.test(char)
const isNameChar = (char: string): boolean => /^[\p{L}\p{Nd}_]$/u.test(char)

const openMarker = /^\d*<<\s*$/

/** Splits at white space outside of quotes while the text is put together. */
class WordSplitter {
  readonly #keepMarkers: boolean
  readonly #words: string[] = []
  #word = ''

  constructor(keepMarkers: boolean) {
    this.#keepMarkers = keepMarkers
  }

  /** Text in which white space separates. */
  addSplitting(text: string): void {
    for (const char of text) {
      if (isSpace(char) && !(this.#keepMarkers && openMarker.test(this.#word))) this.#finish()
      else this.#word += char
    }
  }

  /** Text that was quoted or escaped. */
  addWhole(text: string): void {
    this.#word += text
  }

  #finish(): void {
    if (this.#word !== '') this.#words.push(this.#word)
    this.#word = ''
  }

  end(): readonly string[] {
    this.#finish()
    return this.#words
  }
}

interface Expanded {
  readonly text: string
  readonly words: readonly string[]
}

class Expander {
  readonly #chars: readonly string[]
  readonly #variables: Variables
  readonly #options: ExpandOptions
  readonly #escape: string
  #at = 0
  #depth = 0

  constructor(source: string, variables: Variables, options: ExpandOptions) {
    this.#chars = [...source]
    this.#variables = variables
    this.#options = options
    this.#escape = options.escape ?? '\\'
  }

  #peek(): string | undefined {
    return this.#chars[this.#at]
  }

  #next(): string | undefined {
    const char = this.#chars[this.#at]
    if (char !== undefined) this.#at += 1
    return char
  }

  /** Up to `stop`, which is eaten, or to the end. */
  expand(stop?: string, keepEscapes = this.#options.keepEscapes === true): Expanded {
    const words = new WordSplitter(this.#options.keepMarkers === true)
    let text = ''
    const add = (part: string, whole: boolean): void => {
      text += part
      if (text.length > longestResult) throw invalid('the expanded text is too long')
      if (whole) words.addWhole(part)
      else words.addSplitting(part)
    }
    for (let char = this.#peek(); char !== undefined; char = this.#peek()) {
      if (char === stop) {
        this.#at += 1
        return { text, words: words.end() }
      }
      if (char === '$') add(this.#dollar(), false)
      else if (char === "'" && !this.#options.ignoreQuotes) add(this.#singleQuoted(), true)
      else if (char === '"' && !this.#options.ignoreQuotes) add(this.#doubleQuoted(), true)
      else if (char === this.#escape) add(this.#escaped(keepEscapes), true)
      else {
        this.#at += 1
        add(char, false)
      }
    }
    if (stop !== undefined) throw invalid(`unexpected end of statement while looking for matching ${stop}`)
    return { text, words: words.end() }
  }

  /** Outside of quotes the escape character makes the next one a letter, and is gone; so it is at the very end. */
  #escaped(keepEscapes: boolean): string {
    this.#at += 1
    return (keepEscapes ? this.#escape : '') + (this.#next() ?? '')
  }

  /** Nothing can be escaped between single quotes. */
  #singleQuoted(): string {
    const end = this.#chars.indexOf("'", this.#at + 1)
    if (end === -1) throw invalid('unexpected end of statement while looking for matching single-quote')
    const inner = this.#chars.slice(this.#at + 1, end).join('')
    this.#at = end + 1
    return this.#options.keepQuotes ? `'${inner}'` : inner
  }

  #doubleQuoted(): string {
    this.#at += 1
    let inner = ''
    for (;;) {
      const char = this.#peek()
      if (char === undefined) throw invalid('unexpected end of statement while looking for matching double-quote')
      if (char === '$') {
        inner += this.#dollar()
        continue
      }
      this.#at += 1
      if (char === '"') return this.#options.keepQuotes ? `"${inner}"` : inner
      inner += char === this.#escape ? this.#escapedInQuotes() : char
    }
  }

  /** Only `"`, `$` and the escape character itself can be escaped between double quotes. */
  #escapedInQuotes(): string {
    const kept = this.#options.keepEscapes ? this.#escape : ''
    const char = this.#peek()
    if (char === undefined) return kept
    if (char !== '"' && char !== '$' && char !== this.#escape) return kept === '' ? this.#escape : kept
    this.#at += 1
    return kept + char
  }

  #dollar(): string {
    this.#at += 1
    if (this.#peek() === '{') return this.#braces()
    const name = this.#name()
    if (name === '') return '$'
    return this.#variables(name) ?? (this.#options.keepUnset ? `$${name}` : '')
  }

  #name(): string {
    const first = this.#peek()
    if (first === undefined) return ''
    const start = this.#at
    if (isDigit(first)) {
      while (isDigit(this.#peek() ?? '')) this.#at += 1
    } else if (specialParameters.includes(first)) {
      this.#at += 1
    } else {
      while (isNameChar(this.#peek() ?? '')) this.#at += 1
    }
    return this.#chars.slice(start, this.#at).join('')
  }

  #braces(): string {
    this.#at += 1
    const first = this.#peek()
    if (first === undefined) throw invalid("syntax error: missing '}'")
    if (first === '{' || first === '}' || first === ':') throw invalid('syntax error: bad substitution')
    const name = this.#name()
    const modifier = this.#next()
    if (modifier === '}') return this.#variables(name) ?? (this.#options.keepUnset ? `\${${name}}` : '')
    this.#depth += 1
    if (this.#depth > deepestNesting) throw invalid('syntax error: substitutions are nested too deep')
    const value = modifier === '/' ? this.#replaced(name) : this.#modified(name, modifier)
    this.#depth -= 1
    return value
  }

  /** The part up to `stop`; running into the end is told as docker tells it. */
  #part(stop: string, keepEscapes: boolean, missing: string): string {
    try {
      return this.expand(stop, keepEscapes).text
    } catch (error) {
      if (this.#peek() === undefined && messageOf(error).startsWith('unexpected end')) throw invalid(missing)
      throw error
    }
  }

  #modified(name: string, first: string | undefined): string {
    const emptyIsUnset = first === ':'
    const modifier = emptyIsUnset ? this.#next() : first
    // At the end of the text Go's scanner returns no letter, which is shown like this.
    const shown = (emptyIsUnset ? ':' : '') + (modifier ?? '\uFFFD')
    const unsupported = () => invalid(`unsupported modifier (${shown}) in substitution`)
    const isKnown = modifier !== undefined && '+-?#%'.includes(modifier)
    if (!isKnown && !emptyIsUnset) throw unsupported()
    const isTrim = modifier === '#' || modifier === '%'
    if (emptyIsUnset && isTrim) throw unsupported()
    const word = this.#part('}', isTrim, "syntax error: missing '}'")
    const value = this.#variables(name)
    if (value === undefined && this.#options.keepUnset) return `\${${name}${shown}${word}}`
    if (!isKnown) throw unsupported()
    const present = value !== undefined && !(emptyIsUnset && value === '')
    if (modifier === '+') return present ? word : ''
    if (modifier === '-') return present ? value : word
    if (modifier === '?') {
      if (present) return value
      throw invalid(`${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`)
    }
    const greedy = word.startsWith(modifier)
    const trim = modifier === '#' ? trimPrefix : trimSuffix
    return trim(value ?? '', greedy ? word.slice(1) : word, greedy)
  }

  #replaced(name: string): string {
    const all = this.#peek() === '/'
    if (all) this.#at += 1
    const pattern = this.#part('/', true, `syntax error: missing '/' in $\{}`)
    const replacement = this.#part('}', true, "syntax error: missing '}'")
    const value = this.#variables(name)
    if (value === undefined && this.#options.keepUnset) return `\${${name}/${pattern}/${replacement}}`
    return replacePattern(value ?? '', pattern, replacement, all)
  }
}

const run = (source: string, variables: Variables, options: ExpandOptions): Expanded => {
  try {
    return new Expander(source, variables, options).expand()
  } catch (error) {
    throw invalid(`failed to process ${quoteText(source.slice(0, 1024))}: ${messageOf(error)}`, error)
  }
}

/** `text` as one word: quotes and escapes taken away, variables filled in. Throws invalid. */
export const expandWord = (text: string, variables: Variables, options: ExpandOptions = {}): string =>
  run(text, variables, options).text

/** The names that `text` asks for, each once. */
export const namesIn = (text: string, escapeChar: string): readonly string[] => {
  const names = new Set<string>()
  const notice: Variables = (name) => {
    names.add(name)
    return ''
  }
  try {
    expandWord(text, notice, { escape: escapeChar })
  } catch {
    // What can't be expanded names what it named before.
  }
  return [...names]
}

/** `text` as words: also what a variable holds is split at white space, unless it is quoted. Throws invalid. */
export const expandWords = (text: string, variables: Variables, options: ExpandOptions = {}): readonly string[] =>
  run(text, variables, options).words
