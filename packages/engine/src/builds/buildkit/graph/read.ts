import type { Edge } from '@slipway/build'
import { diff, merge } from '@slipway/build'
import { llb } from '@slipway/buildkit'
import { digestOf, invalid, SlipwayError } from '@slipway/core'
import { execOutputs } from './exec.ts'
import { fileOutputs } from './file.ts'
import { describe } from './name.ts'
import { sourceOutputs } from './source.ts'
import { asRoot, type GraphParts, layers, nothing, type Operation, type Outputs, type Value } from './value.ts'

const mostOperations = 10_000

const inputAt = ({ inputs }: Operation, number: number): Value => {
  if (number === -1) return nothing
  const input = inputs[number]
  if (input === undefined) throw invalid(`there is no input ${number}`)
  return input
}

const mergeOutputs = (operation: Operation): Outputs => {
  const [base, ...others] = (operation.op.merge?.inputs ?? []).map(({ input }) => asRoot(inputAt(operation, input)))
  if (base === undefined) throw invalid('a merge needs inputs')
  return [layers(others.reduce(merge, base))]
}

const diffOutputs = (operation: Operation): Outputs => {
  const { lower, upper } = operation.op.diff ?? {}
  const side = (number = -1): Edge => asRoot(inputAt(operation, number))
  return [layers(diff(side(lower?.input), side(upper?.input)))]
}

const outputsOf = (operation: Operation): Outputs | Promise<Outputs> => {
  const { source, exec, file, merge: merged, diff: compared } = operation.op
  if (source !== undefined) return sourceOutputs(operation, source)
  if (exec !== undefined) return execOutputs(operation, exec)
  if (file !== undefined) return fileOutputs(operation, file.actions)
  if (merged !== undefined) return mergeOutputs(operation)
  if (compared !== undefined) return diffOutputs(operation)
  throw new SlipwayError('unsupported', 'the definition has an operation that is not supported')
}

/** A definition as BuildKit has it: operations as bytes, that name one another by digest; the last one names the result. */
class Reader {
  readonly #definition: llb.Definition
  readonly #parts: GraphParts
  readonly #operations: ReadonlyMap<string, llb.LlbOp>
  readonly #read = new Map<string, Promise<Outputs>>()

  constructor(definition: llb.Definition, parts: GraphParts) {
    this.#definition = definition
    this.#parts = parts
    this.#operations = new Map(definition.def.map((bytes) => [digestOf(bytes), llb.op.decode(bytes)]))
  }

  async value(input: { readonly digest: string; readonly index: number }): Promise<Value> {
    const outputs = await this.#outputs(input.digest)
    const value = outputs[input.index]
    if (value === undefined) throw invalid(`${input.digest} has no output ${input.index}`)
    return value
  }

  #outputs(digest: string): Promise<Outputs> {
    const known = this.#read.get(digest) ?? this.#readNew(digest)
    this.#read.set(digest, known)
    return known
  }

  async #readNew(digest: string): Promise<Outputs> {
    const op = this.#operations.get(digest)
    if (op === undefined) throw invalid(`the definition lacks ${digest}`)
    const inputs: Value[] = []
    for (const input of op.inputs) inputs.push(await this.value(input))
    const operation = { op, inputs, parts: this.#parts }
    const outputs = await outputsOf(operation)
    this.#note(digest, operation, outputs)
    return outputs
  }

  /** How its vertices are shown, and whether they are done anew. */
  #note(digest: string, operation: Operation, outputs: Outputs): void {
    const metadata = this.#definition.metadata.get(digest)
    const name = metadata?.description.get('llb.customname') ?? describe(operation.op)
    for (const value of outputs) {
      if (value === undefined) continue
      const { vertex } = value.edge
      this.#parts.names.set(vertex, name)
      if (metadata?.ignoreCache === true) this.#parts.anew.push(vertex)
    }
  }
}

/** The file system that a definition stands for. Throws invalid, and unsupported for operations that aren't there. */
export const readGraph = async (definition: llb.Definition, parts: GraphParts): Promise<Edge> => {
  if (definition.def.length > mostOperations) throw invalid(`a definition may have ${mostOperations} operations`)
  const last = definition.def.at(-1)
  if (last === undefined) throw invalid('the definition is empty')
  const [result] = llb.op.decode(last).inputs
  if (result === undefined) throw invalid('the definition names no result')
  return asRoot(await new Reader(definition, parts).value(result))
}
