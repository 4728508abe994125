import { FormatRegistry, type TObject, type TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { invalid } from '@slipway/core'
import { type ApiRequest, readJsonValue } from '@slipway/http'
import type { Operation } from './route.ts'

const largestBody = 64 * 1024

FormatRegistry.Set('date-time', (text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)))

const checks = new WeakMap<TSchema, TypeCheck<TSchema>>()

/** Compiled at its first use: a registry starts with dozens of schemas, and most are never asked for. */
const checkOf = (schema: TSchema): TypeCheck<TSchema> => {
  const known = checks.get(schema) ?? TypeCompiler.Compile(schema)
  checks.set(schema, known)
  return known
}

/** Throws invalid, with the place and what should be there. */
const demand = (schema: TSchema, value: unknown, what: string): void => {
  const check = checkOf(schema)
  if (check.Check(value)) return
  const problem = check.Errors(value).First()
  const place = problem?.path ? `${what}${problem.path.replaceAll('/', '.').slice(0, 160)}` : what
  const expected = problem?.message ?? 'not as it should be'
  throw invalid(`invalid ${place}: ${expected[0]?.toLowerCase()}${expected.slice(1)}`)
}

const parsed = (schema: TSchema | undefined, text: string): unknown => {
  if (schema?.['type'] === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (schema?.['type'] === 'boolean') return { '1': true, true: true, '0': false, false: false }[text] ?? text
  return text
}

/** What the schema names, of a query; empty is the same as missing. Throws invalid. */
export const readQuery = (schema: TObject | undefined, query: URLSearchParams): Readonly<Record<string, unknown>> => {
  if (schema === undefined) return {}
  const named = Object.entries(schema.properties).flatMap(([name, property]) => {
    const text = query.get(name) ?? ''
    return text === '' ? [] : [[name, parsed(property, text)] as const]
  })
  const values = Object.fromEntries(named)
  demand(schema, values, 'query')
  return values
}

/** The JSON that was sent; nothing is the same as `{}`. Throws invalid, also when it doesn't come in time, or too-large. */
export const readBodyOf = async (operation: Operation, request: ApiRequest, withinMs: number): Promise<unknown> => {
  if (operation.body === undefined) return undefined
  const value = await readJsonValue(request, { limit: operation.largestBody ?? largestBody, withinMs })
  const sent = value === undefined ? {} : value
  demand(operation.body, sent, 'body')
  return sent
}
