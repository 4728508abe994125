import { decideEarly, functions } from './functions.ts'
import { TemplateError } from './lex.ts'
import type { Node, Operand, Pipeline } from './parse.ts'
import { isRecord, isTrue, type Method, printField, printValue, sortedEntries } from './value.ts'

/** What is known of the data beside its values. */
export interface Knowledge {
  /** The template's own name, for messages. */
  readonly name: string
  /** A field that isn't there is an error, unless it may be missing in `value`: then it is nothing. */
  readonly mayBeMissing: (name: string, value: unknown) => boolean
  /** What Go calls the type of a value, in messages; undefined for a map. */
  readonly typeOf: (value: unknown) => string | undefined
}

interface Scope {
  readonly dot: unknown
  /** The innermost last; each block has its own. */
  readonly variables: readonly Map<string, unknown>[]
  readonly known: Knowledge
}

/** A template that fits no data of its kind: it asks for a field that none has, or calls what is there in another way. */
export class MisfitError extends TemplateError {}

const nothing = Symbol('no piped value')

interface Path {
  /** As it was written, for the message. */
  readonly text: string
  readonly at?: number
}

type Problem = readonly [message: string, at: number | undefined]

const problem = (path: Path, what: string, { known }: Scope): Problem => [
  `executing "${known.name}" at <${path.text}>: ${what}`,
  path.at,
]

const lacks = (name: string, type: string | undefined): string =>
  type === undefined ? `map has no entry for key "${name}"` : `can't evaluate field ${name} in type ${type}`

/** Follows `.A.B`. What the engine leaves out when it is empty is null; what nobody knows is an error. */
const chain = (of: unknown, names: readonly string[], path: Path, scope: Scope): unknown => {
  const { known } = scope
  let value = of
  let before = ''
  for (const name of names) {
    if (value === null || value === undefined) {
      const what = before === '' ? `nil data; no entry for key "${name}"` : `map has no entry for key "${before}"`
      throw new TemplateError(...problem(path, what, scope))
    }
    if (!isRecord(value) || !(Object.hasOwn(value, name) || known.mayBeMissing(name, value))) {
      throw new MisfitError(...problem(path, lacks(name, known.typeOf(value)), scope))
    }
    value = Object.hasOwn(value, name) ? value[name] : null
    before = name
  }
  return value
}

const lookUp = ({ variables }: Scope, name: string): Map<string, unknown> => {
  const found = variables.findLast((frame) => frame.has(name))
  if (found === undefined) throw new TemplateError(`undefined variable "$${name}"`)
  return found
}

const dotted = (names: readonly string[]): string => names.map((name) => `.${name}`).join('')

const pathOf = (operand: Extract<Operand, { readonly names: readonly string[] }>): Path => {
  const start = operand.kind === 'variable' ? `$${operand.name}` : ''
  return { text: start + dotted(operand.names), ...('at' in operand ? { at: operand.at } : {}) }
}

const operandValue = (operand: Operand, scope: Scope): unknown => {
  if (operand.kind === 'dot') return scope.dot
  if (operand.kind === 'nil') return null
  if (operand.kind === 'literal') return operand.value
  if (operand.kind === 'field') return chain(scope.dot, operand.names, pathOf(operand), scope)
  if (operand.kind === 'variable') {
    return chain(lookUp(scope, operand.name).get(operand.name), operand.names, pathOf(operand), scope)
  }
  if (operand.kind === 'pipeline') {
    return chain(runPipeline(operand.pipeline, scope), operand.names, pathOf(operand), scope)
  }
  return runCommand([operand], scope, nothing)
}

const runFunction = (name: string, rest: readonly Operand[], scope: Scope, piped: readonly unknown[]): unknown => {
  const deciding = decideEarly[name]
  if (deciding !== undefined) {
    let last: unknown = piped[0]
    for (const operand of rest) {
      last = operandValue(operand, scope)
      if (isTrue(last) === deciding) return last
    }
    return piped.length > 0 ? piped[0] : last
  }
  const call = functions[name]
  if (call === undefined) throw new TemplateError(`function "${name}" not defined`)
  return call(...rest.map((operand) => operandValue(operand, scope)), ...piped)
}

/** Calls a method such as `.Label`, which must be given as many arguments as it takes. */
const runMethod = (method: Method, operand: Operand, args: readonly unknown[], scope: Scope): unknown => {
  if (args.length === method.length || !('names' in operand)) return method(...args)
  const counts = `want ${method.length} got ${args.length}`
  throw new MisfitError(
    ...problem(pathOf(operand), `wrong number of args for ${operand.names.at(-1)}: ${counts}`, scope),
  )
}

const runCommand = (operands: readonly Operand[], scope: Scope, before: unknown): unknown => {
  const [first, ...rest] = operands
  if (first === undefined) throw new TemplateError('missing value for command')
  const piped = before === nothing ? [] : [before]
  if (first.kind === 'function') return runFunction(first.name, rest, scope, piped)
  const value = operandValue(first, scope)
  if (typeof value === 'function') {
    const args = [...rest.map((operand) => operandValue(operand, scope)), ...piped]
    return runMethod(value as Method, first, args, scope)
  }
  if (rest.length > 0 || piped.length > 0) throw new TemplateError("can't give argument to non-function")
  return value
}

const runPipeline = (pipeline: Pipeline, scope: Scope): unknown => {
  const value = pipeline.commands.reduce((before, operands) => runCommand(operands, scope, before), nothing as unknown)
  const [name] = pipeline.declares
  if (name !== undefined && pipeline.assigns) lookUp(scope, name).set(name, value)
  else if (name !== undefined) scope.variables.at(-1)?.set(name, value)
  return value
}

const within = (scope: Scope, dot: unknown): Scope => ({ ...scope, dot, variables: [...scope.variables, new Map()] })

class LoopControl {
  readonly kind: 'break' | 'continue'

  constructor(kind: 'break' | 'continue') {
    this.kind = kind
  }
}

type Conditional = Extract<Node, { readonly body: readonly Node[] }>

const itemsOf = (value: unknown): readonly (readonly [unknown, unknown])[] => {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((item, position) => [position, item])
  if (isRecord(value)) return sortedEntries(value)
  if (typeof value === 'number') return Array.from({ length: value }, (_, position) => [position, position])
  throw new TemplateError(`range can't iterate over ${printValue(value)}`)
}

const runRange = (node: Conditional, scope: Scope): string => {
  const items = itemsOf(runPipeline({ ...node.pipeline, declares: [] }, scope))
  if (items.length === 0) return runNodes(node.otherwise, scope)
  const { declares } = node.pipeline
  const [keyName, valueName] = declares.length === 2 ? declares : [undefined, declares[0]]
  let output = ''
  for (const [key, value] of items) {
    const inner = within(scope, value)
    if (keyName !== undefined) inner.variables.at(-1)?.set(keyName, key)
    if (valueName !== undefined) inner.variables.at(-1)?.set(valueName, value)
    const loop = runLoopBody(node.body, inner)
    output += loop.output
    if (loop.broken) break
  }
  return output
}

const runLoopBody = (nodes: readonly Node[], scope: Scope): { readonly output: string; readonly broken: boolean } => {
  const written: string[] = []
  try {
    for (const node of nodes) runNode(node, scope, written)
    return { output: written.join(''), broken: false }
  } catch (error) {
    if (!(error instanceof LoopControl)) throw error
    return { output: written.join(''), broken: error.kind === 'break' }
  }
}

const runConditional = ({ kind, pipeline, body, otherwise }: Conditional, scope: Scope, written: string[]): void => {
  const inner = within(scope, scope.dot)
  const value = runPipeline(pipeline, inner)
  const taken = isTrue(value)
  const dot = taken && kind === 'with' ? value : scope.dot
  for (const node of taken ? body : otherwise) runNode(node, { ...inner, dot }, written)
}

/** The field that a pipeline is nothing but: its name says what is printed when it is empty. */
const fieldName = ({ commands }: Pipeline): string | undefined => {
  const operand = commands.length === 1 && commands[0]?.length === 1 ? commands[0][0] : undefined
  return operand !== undefined && 'names' in operand ? operand.names.at(-1) : undefined
}

const runPrint = (pipeline: Pipeline, scope: Scope): string => {
  const value = runPipeline(pipeline, scope)
  return pipeline.declares.length > 0 ? '' : printField(value, fieldName(pipeline))
}

const runNode = (node: Node, scope: Scope, written: string[]): void => {
  if (node.kind === 'text') written.push(node.text)
  else if (node.kind === 'print') written.push(runPrint(node.pipeline, scope))
  else if (node.kind === 'break' || node.kind === 'continue') throw new LoopControl(node.kind)
  else if ('body' in node && node.kind === 'range') written.push(runRange(node, scope))
  else if ('body' in node) runConditional(node, scope, written)
}

const runNodes = (nodes: readonly Node[], scope: Scope): string => {
  const written: string[] = []
  for (const node of nodes) runNode(node, scope, written)
  return written.join('')
}

/** Prints `data`. Throws TemplateError. */
export const evaluate = (nodes: readonly Node[], data: unknown, known: Knowledge): string =>
  runNodes(nodes, { dot: data, variables: [new Map([['', data]])], known })
