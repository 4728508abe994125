export type Token =
  | { readonly kind: 'dot' | 'nil' }
  | { readonly kind: 'end' }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  /** `.A.B`. `glued`: nothing stood between it and what came before, as in `(…).A`. */
  | { readonly kind: 'field'; readonly names: readonly string[]; readonly glued: boolean; readonly at: number }
  /** `$x.A.B`; the name without the dollar sign, empty for `$`. */
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[]; readonly at: number }
  | { readonly kind: 'mark'; readonly text: '|' | '(' | ')' | ':=' | '=' | ',' }

/** What lies between `{{` and `}}`, or outside of them. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[] }

/** `at`: where in the template, counted in characters from its start; undefined when it isn't known. */
export class TemplateError extends Error {
  readonly at: number | undefined

  constructor(message: string, at?: number) {
    super(message)
    this.at = at
  }
}

const names = (chain: string): readonly string[] => chain.split('.').filter((name) => name !== '')

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' }

const unquote = (quoted: string): string =>
  quoted.startsWith('`')
    ? quoted.slice(1, -1)
    : quoted.slice(1, -1).replace(/\\(u[\da-fA-F]{4}|x[\da-fA-F]{2}|.)/g, (_, code: string) => {
        if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
        return escapes[code] ?? code
      })

const readWord = (text: string): Token => {
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' }
  return text === 'nil' ? { kind: 'nil' } : { kind: 'word', text }
}

/** Go says that a chain of fields is where its second one is. */
const readField = (text: string, glued: boolean, at: number): Token => {
  const [first = '', ...rest] = names(text)
  return { kind: 'field', names: [first, ...rest], glued, at: rest.length === 0 ? at : at + 1 + first.length }
}

type Rule = readonly [pattern: RegExp, read: (text: string, glued: boolean, at: number) => Token]

const field = String.raw`\.[\p{L}_][\p{L}\d_]*`
const rules: readonly Rule[] = [
  [/"(?:[^"\\\n]|\\.)*"|`[^`]*`/y, (text) => ({ kind: 'literal', value: unquote(text) })],
  [/'(?:[^'\\]|\\.)'/y, (text) => ({ kind: 'literal', value: unquote(text).codePointAt(0) ?? 0 })],
  [/[+-]?(?:0[xX][\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/y, (text) => ({ kind: 'literal', value: Number(text) })],
  [new RegExp(`(?:${field})+`, 'yu'), readField],
  [
    new RegExp(String.raw`\$[\p{L}\d_]*(?:${field})*`, 'yu'),
    (text, _glued, at) => {
      const [name = '', ...rest] = text.slice(1).split('.')
      return { kind: 'variable', name, names: rest, at: rest.length === 0 ? at : at + 1 + name.length }
    },
  ],
  [/\./y, () => ({ kind: 'dot' })],
  [/:=|[|()=,]/y, (text) => ({ kind: 'mark', text: text as '|' })],
  [/[\p{L}_][\p{L}\d_]*/uy, readWord],
]

/** `from`: where in the template the action begins. */
const tokenize = (action: string, from: number): readonly Token[] => {
  const tokens: Token[] = []
  let at = 0
  let glued = false
  const matchHere = (): Token => {
    for (const [pattern, read] of rules) {
      pattern.lastIndex = at
      const match = pattern.exec(action)
      if (match === null) continue
      const start = from + at
      at += match[0].length
      return read(match[0], glued, start)
    }
    throw new TemplateError(`unexpected ${JSON.stringify(action[at])} in operand`)
  }
  while (at < action.length) {
    if (/\s/.test(action[at] ?? '')) {
      at++
      glued = false
    } else {
      tokens.push(matchHere())
      glued = true
    }
  }
  return [...tokens, { kind: 'end' }]
}

/** The end of an action: the first `}}` that isn't within a quoted string. */
const actionEnd = (template: string, from: number): number => {
  const pattern = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|\}\}/g
  pattern.lastIndex = from
  for (let match = pattern.exec(template); match !== null; match = pattern.exec(template)) {
    if (match[0] === '}}') return match.index
  }
  throw new TemplateError('unclosed action')
}

/** Cuts a template into its pieces; `{{-` and `-}}` eat the white space beside them, comments vanish. */
export const lex = (template: string): readonly Piece[] => {
  const pieces: Piece[] = []
  let at = 0
  let trimNext = false
  const pushText = (raw: string, trimEnd: boolean): void => {
    const started = trimNext ? raw.trimStart() : raw
    const text = trimEnd ? started.trimEnd() : started
    if (text !== '') pieces.push({ kind: 'text', text })
  }
  for (;;) {
    const open = template.indexOf('{{', at)
    if (open === -1) break
    const trimBefore = /^-\s/.test(template.slice(open + 2, open + 4))
    pushText(template.slice(at, open), trimBefore)
    const start = open + (trimBefore ? 3 : 2)
    const comment = /^\s*\/\*[\s\S]*?\*\/\s*-?(?=\}\})/.exec(template.slice(start))
    const close = comment === null ? actionEnd(template, start) : start + comment[0].length
    const trimAfter = /(?:\s|\*\/)-$/.test(template.slice(start, close))
    const action = template.slice(start, trimAfter ? close - 1 : close)
    if (comment === null) pieces.push({ kind: 'action', tokens: tokenize(action, start) })
    trimNext = trimAfter
    at = close + 2
  }
  pushText(template.slice(at), false)
  return pieces
}
