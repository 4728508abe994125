import { isFunction } from './functions.ts'
import { lex, type Piece, TemplateError, type Token } from './lex.ts'

export type Operand =
  | { readonly kind: 'dot' | 'nil' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'field'; readonly names: readonly string[]; readonly at: number }
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[]; readonly at: number }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly names: readonly string[] }

export interface Pipeline {
  /** `$i, $v :=` */
  readonly declares: readonly string[]
  /** `$x =`: changes what is there. */
  readonly assigns: boolean
  /** Each a function or value with its arguments; what one gives is the last argument of the next. */
  readonly commands: readonly (readonly Operand[])[]
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'range' | 'with'
      readonly pipeline: Pipeline
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }
  | { readonly kind: 'break' | 'continue' }

const isMark = (token: Token | undefined, text: string): boolean => token?.kind === 'mark' && token.text === text

const wordOf = (token: Token | undefined): string => (token?.kind === 'word' ? token.text : '')

/** Reads the tokens of one action from the left. */
class Reader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead]
  }

  next(): Token {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new TemplateError('unexpected end of action')
    return token
  }
}

const readNames = (reader: Reader): readonly string[] => {
  const token = reader.peek()
  if (token?.kind !== 'field' || !token.glued) return []
  reader.next()
  return token.names
}

const readOperand = (reader: Reader): Operand => {
  const token = reader.next()
  if (token.kind === 'word') {
    if (!isFunction(token.text)) throw new TemplateError(`function "${token.text}" not defined`)
    return { kind: 'function', name: token.text }
  }
  if (token.kind === 'mark') {
    if (token.text !== '(') throw new TemplateError(`unexpected ${JSON.stringify(token.text)} in operand`)
    const pipeline = readPipeline(reader)
    if (!isMark(reader.next(), ')')) throw new TemplateError('unclosed left paren')
    return { kind: 'pipeline', pipeline, names: readNames(reader) }
  }
  if (token.kind === 'end') throw new TemplateError('missing value for command')
  return token as Operand
}

const endsCommand = (token: Token | undefined): boolean =>
  token === undefined || token.kind === 'end' || isMark(token, '|') || isMark(token, ')')

const readCommand = (reader: Reader): readonly Operand[] => {
  const operands: Operand[] = [readOperand(reader)]
  while (!endsCommand(reader.peek())) operands.push(readOperand(reader))
  return operands
}

const readDeclaration = (reader: Reader): Pick<Pipeline, 'declares' | 'assigns'> => {
  const first = reader.peek()
  if (first?.kind !== 'variable' || first.names.length > 0) return { declares: [], assigns: false }
  const after = reader.peek(1)
  if (isMark(after, ':=') || isMark(after, '=')) {
    reader.next()
    reader.next()
    return { declares: [first.name], assigns: isMark(after, '=') }
  }
  const second = reader.peek(2)
  if (isMark(after, ',') && second?.kind === 'variable' && isMark(reader.peek(3), ':=')) {
    for (let taken = 0; taken < 4; taken++) reader.next()
    return { declares: [first.name, second.name], assigns: false }
  }
  return { declares: [], assigns: false }
}

const readPipeline = (reader: Reader): Pipeline => {
  const declaration = readDeclaration(reader)
  const commands = [readCommand(reader)]
  while (isMark(reader.peek(), '|')) {
    reader.next()
    commands.push(readCommand(reader))
  }
  return { ...declaration, commands }
}

const readWhole = (reader: Reader): Pipeline => {
  const pipeline = readPipeline(reader)
  if (reader.peek()?.kind !== 'end') throw new TemplateError('unexpected token in action')
  return pipeline
}

/** `if`, `range` and `with` up to their end; `else if` is an `if` in the else of another. */
const readBlock = (kind: 'if' | 'range' | 'with', reader: Reader, pieces: Piece[]): Node => {
  const pipeline = readWhole(reader)
  const { nodes: body, ending } = readNodes(pieces)
  if (ending === undefined) throw new TemplateError('unexpected EOF')
  if (wordOf(ending.peek()) === 'end') return { kind, pipeline, body, otherwise: [] }
  ending.next()
  const nested = wordOf(ending.peek())
  if (nested === 'if' || nested === 'with') {
    ending.next()
    return { kind, pipeline, body, otherwise: [readBlock(nested, ending, pieces)] }
  }
  const rest = readNodes(pieces)
  if (wordOf(rest.ending?.peek()) !== 'end') throw new TemplateError('unexpected EOF')
  return { kind, pipeline, body, otherwise: rest.nodes }
}

const refused = new Set(['define', 'template', 'block'])

const readAction = (reader: Reader, word: string, pieces: Piece[]): Node => {
  if (word === 'if' || word === 'range' || word === 'with') {
    reader.next()
    return readBlock(word, reader, pieces)
  }
  if (word === 'break' || word === 'continue') return { kind: word }
  if (refused.has(word)) throw new TemplateError(`{{${word}}} is not supported`)
  return { kind: 'print', pipeline: readWhole(reader) }
}

/** Takes pieces until they are at an end, or at an `end` or `else`, whose reader it gives back. */
const readNodes = (pieces: Piece[]): { readonly nodes: readonly Node[]; readonly ending: Reader | undefined } => {
  const nodes: Node[] = []
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    if (piece.kind === 'text') {
      nodes.push(piece)
      continue
    }
    const reader = new Reader(piece.tokens)
    const word = wordOf(reader.peek())
    if (word === 'end' || word === 'else') return { nodes, ending: reader }
    nodes.push(readAction(reader, word, pieces))
  }
  return { nodes, ending: undefined }
}

/** Reads a Go template. Throws TemplateError. */
export const parseTemplate = (template: string): readonly Node[] => {
  const { nodes, ending } = readNodes([...lex(template)])
  if (ending !== undefined) throw new TemplateError(`unexpected {{${wordOf(ending.peek())}}}`)
  return nodes
}
