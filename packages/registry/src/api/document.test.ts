import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { routes } from '../server.ts'
import { makeAccount, startTestRegistry } from '../testing.ts'
import { apiTable } from './table.ts'
import { proveAnswer } from './testing/prove.ts'

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
}

const openApi = async (): Promise<Document> => {
  await using registry = await startTestRegistry()
  const response = await registry.call('GET', '/api/v1/openapi.json')
  assert.equal(response.status, 200)
  return (await response.json()) as Document
}

test('the API is described by a document that OpenAPI’s own schema of 3.1 finds nothing wrong with', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(await openApi())
  assert.deepEqual([valid, errors], [true, undefined])
  assert.equal(validator.version, '3.1')
})

test('every route below /api/v1/ is in the document, and nothing else', async () => {
  const served = routes
    .filter(({ path }) => path.startsWith('/api/v1/'))
    .map(({ method, path }) => `${method} ${path.replace('...}', '}')}`)
  const { paths } = await openApi()
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(served.toSorted(), described.toSorted())
})

test('every operation has a name that no other has, and a sentence', () => {
  const ids = apiTable.map(({ operation }) => operation.id)
  assert.deepEqual(ids.toSorted(), [...new Set(ids)].toSorted())
  for (const { operation } of apiTable) assert.match(operation.summary, /^\S.{8,}[^.]$/)
})

test('what is sent and isn’t as it was described is refused, with its place', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  const refusal = async (method: string, path: string, body?: unknown): Promise<string> => {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const headers = { authorization, 'content-type': 'application/json' }
    const response = await registry.call(method, `/api/v1/${path}`, { ...sent, headers })
    const { errors } = (await response.json()) as { errors: readonly { code: string; message: string }[] }
    assert.deepEqual([response.status, errors[0]?.code], [400, 'REQUEST_INVALID'])
    return errors[0]?.message ?? ''
  }
  assert.match(await refusal('POST', 'tokens', { expiresIn: '30d' }), /^invalid body\.name: expected/)
  assert.match(
    await refusal('POST', 'tokens', { name: 'ci', expires: '1d' }),
    /^invalid body\.expires: unexpected property/,
  )
  assert.match(await refusal('POST', 'tokens', { name: 7 }), /^invalid body\.name: expected string/)
  assert.match(await refusal('POST', 'tokens', ['ci']), /^invalid body: expected object/)
  assert.match(await refusal('POST', 'tokens', '{"name":'), /^invalid JSON: unexpected EOF/)
  assert.match(await refusal('POST', 'webhooks', null), /^invalid body: expected object/)
  assert.match(await refusal('GET', 'audit?n=many'), /^invalid query\.n: expected integer/)
  assert.match(await refusal('DELETE', 'accounts/ada/grants'), /^invalid query\.pattern: expected/)
})

test('who may not ask is told so before anything is said of what was sent', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const headers = { 'content-type': 'application/json' }
  assert.equal((await registry.call('POST', '/api/v1/webhooks', { body: '{', headers })).status, 401)
})

test('an answer that the document doesn’t tell of is noticed by every test that asks', async () => {
  const session = (body: object, status = 200) => proveAnswer('GET', '/api/v1/session', Response.json(body, { status }))
  await session({ account: null, manages: false, origin: null, due: null })
  await assert.rejects(session({ account: null }), /must have required property 'manages'/)
  await assert.rejects(
    session({ account: null, manages: false, origin: null, due: null, more: 1 }),
    /must NOT have additional properties/,
  )
  await assert.rejects(session({ account: null, manages: false, origin: null, due: null }, 201), /201/)
  await assert.rejects(session({ message: 'no' }, 403), /must have required property 'errors'/)
  await assert.rejects(proveAnswer('GET', '/api/v1/unheard-of', Response.json({})), /not in the table/)
})
