import { deepStrictEqual, fail, ok } from 'node:assert/strict'
import { createMatcher } from '@slipway/http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { documentOf } from '../document.ts'
import { apiTable } from '../table.ts'

/** Nothing but what is described: what a document allows its future, a test doesn't. */
const closed = (schema: unknown): unknown => {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map(closed)
  const all = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return 'properties' in all && all['type'] === 'object' ? { additionalProperties: false, ...all } : all
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(closed(documentOf(apiTable)) as object, 'api')
const match = createMatcher(apiTable)

const escaped = (part: string): string =>
  part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')

const check = (pointer: readonly string[], value: unknown, what: string): void => {
  const validate = ajv.compile({ $ref: `api#/${pointer.map(escaped).join('/')}` })
  if (!validate(value)) fail(`${what}: not as the API is described: ${ajv.errorsText(validate.errors)}`)
}

/** Throws unless an answer of `/api/v1/` is one that the API's description tells of. */
export const proveAnswer = async (method: string, path: string, response: Response): Promise<void> => {
  if (!path.startsWith('/api/v1/') || method === 'HEAD') return
  const what = `${method} ${path}: ${response.status}`
  const body = async (): Promise<unknown> => JSON.parse((await response.clone().text()) || 'null')
  if (response.status >= 400) return check(['components', 'schemas', 'Refusal'], await body(), what)
  const found = match(method, path.split('?', 1)[0] ?? '')
  if (found === undefined || found === 'wrong-method') return fail(`${what}: not in the table`)
  const { path: of, operation } = found.route as (typeof apiTable)[number]
  const status = operation.status ?? (operation.answer === undefined && operation.media === undefined ? 204 : 200)
  deepStrictEqual(response.status, status, what)
  const media = operation.media ?? (operation.answer ? ['application/json'] : [''])
  ok(media.includes(response.headers.get('content-type')?.split(';')[0] ?? ''), what)
  if (operation.answer === undefined) return
  const content = ['responses', String(status), 'content', 'application/json', 'schema']
  check(['paths', of.replace('...}', '}'), method.toLowerCase(), ...content], await body(), what)
}
