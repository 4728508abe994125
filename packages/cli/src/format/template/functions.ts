import { TemplateError } from './lex.ts'
import { isRecord, isTrue, type Method, printValue, toJson } from './value.ts'

const textOf = (value: unknown): string => (typeof value === 'string' ? value : printValue(value))

const compare = (a: unknown, b: unknown): number => {
  if (typeof a !== typeof b || typeof a === 'object') throw new TemplateError('incompatible types for comparison')
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0
}

const isEqual = (first: unknown, ...others: readonly unknown[]): boolean => {
  if (others.length === 0) throw new TemplateError('missing argument for comparison')
  return others.some((other) => {
    const bothNull = (first ?? null) === null && (other ?? null) === null
    return bothNull || ((first ?? null) !== null && (other ?? null) !== null && compare(first, other) === 0)
  })
}

const indexOne = (of: unknown, key: unknown): unknown => {
  if (Array.isArray(of)) {
    const position = Number(key)
    if (!Number.isInteger(position) || position < 0 || position >= of.length) {
      throw new TemplateError(`error calling index: index out of range: ${printValue(key)}`)
    }
    return of[position]
  }
  if (isRecord(of)) return Object.hasOwn(of, String(key)) ? of[String(key)] : ''
  if (typeof of === 'string' && of !== '') return Buffer.from(of)[Number(key)]
  throw new TemplateError('error calling index: index of untyped nil')
}

const slice = (of: unknown, from: unknown = 0, to?: unknown): unknown => {
  if (typeof of !== 'string' && !Array.isArray(of))
    throw new TemplateError("error calling slice: can't slice this item")
  const end = to === undefined ? of.length : Number(to)
  if (Number(from) < 0 || end > of.length || Number(from) > end) {
    throw new TemplateError('error calling slice: index out of range')
  }
  return of.slice(Number(from), end)
}

const lengthOf = (of: unknown): number => {
  if (typeof of === 'string') return Buffer.byteLength(of)
  if (Array.isArray(of)) return of.length
  if (isRecord(of)) return Object.keys(of).length
  if (of === null || of === undefined) return 0
  throw new TemplateError(`error calling len: len of type ${typeof of}`)
}

const verbs: Readonly<Record<string, (value: unknown, precision: number | undefined) => string>> = {
  s: (value, precision) => textOf(value).slice(0, precision),
  v: (value) => printValue(value),
  d: (value) => String(Math.trunc(Number(value))),
  t: (value) => String(isTrue(value)),
  q: (value) => JSON.stringify(textOf(value)),
  x: (value) => (typeof value === 'number' ? value.toString(16) : Buffer.from(textOf(value)).toString('hex')),
  f: (value, precision) => Number(value).toFixed(precision ?? 6),
  c: (value) => String.fromCodePoint(Number(value)),
}

const pad = (text: string, width: number, flags: string): string => {
  if (flags.includes('-')) return text.padEnd(width)
  return flags.includes('0') ? text.padStart(width, '0') : text.padStart(width)
}

const printf = (format: unknown, ...args: readonly unknown[]): string => {
  const left = [...args]
  return textOf(format).replace(
    /%([-+# 0]*)(\d*)(?:\.(\d+))?([a-z%])/gi,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (left.length === 0) return `%!${verb}(MISSING)`
      const value = left.shift()
      const print = verbs[verb]
      if (print === undefined) return `%!${verb}(${printValue(value)})`
      return pad(print(value, precision === undefined ? undefined : Number(precision)), Number(width), flags)
    },
  )
}

/** Go puts spaces between operands of which neither is a string, for `print`; always, for `println`. */
const print = (...args: readonly unknown[]): string =>
  args.reduce<string>((line, value, position) => {
    const gap = position > 0 && typeof value !== 'string' && typeof args[position - 1] !== 'string'
    return line + (gap ? ' ' : '') + printValue(value)
  }, '')

const htmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\ufffd',
}

/** What ends a string or begins markup, and all that can't be seen. */
const unsafeInScripts = /[\\'"<>&=]|[^\p{L}\p{M}\p{N}\p{P}\p{S} \x7f]/gu

const escapeForScripts = (char: string): string =>
  /[\\'"]/.test(char) ? `\\${char}` : `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

const titleCase = (text: string): string =>
  text.replace(/(^|\s)(\S)/g, (_, gap: string, first: string) => gap + first.toUpperCase())

const elements = (value: unknown): readonly string[] => {
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) throw new TemplateError('wrong type for value; expected []string')
  return value.map(textOf)
}

/** They stop at the first argument that decides, as Go's do: falsehood for `and`. */
export const decideEarly: Readonly<Record<string, boolean>> = { and: false, or: true }

export const isFunction = (name: string): boolean => Object.hasOwn(functions, name) || Object.hasOwn(decideEarly, name)

/** Go's own functions, and those that docker adds. */
export const functions: Readonly<Record<string, Method>> = {
  eq: isEqual,
  ne: (a, b) => !isEqual(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  not: (value) => !isTrue(value),
  len: lengthOf,
  index: (of, ...keys) => keys.reduce(indexOne, of),
  slice,
  print,
  println: (...args) => `${args.map(printValue).join(' ')}\n`,
  printf,
  html: (...args) => print(...args).replace(/[&<>"'\0]/g, (char) => htmlEscapes[char] ?? char),
  js: (...args) => print(...args).replace(unsafeInScripts, escapeForScripts),
  urlquery: (...args) => encodeURIComponent(print(...args)).replaceAll('%20', '+'),
  json: toJson,
  join: (value, separator) => elements(value).join(textOf(separator)),
  split: (value, separator) => textOf(value).split(textOf(separator)),
  lower: (value) => textOf(value).toLowerCase(),
  upper: (value) => textOf(value).toUpperCase(),
  title: (value) => titleCase(textOf(value)),
  pad: (value, before, after) => {
    const text = textOf(value)
    return text === '' ? text : ' '.repeat(Number(before)) + text + ' '.repeat(Number(after))
  },
  truncate: (value, length) => textOf(value).slice(0, Number(length)),
}
