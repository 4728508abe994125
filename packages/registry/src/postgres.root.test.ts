import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PostgresServer } from '@slipway/database/testing'
import { errorCode, makeAccount, makeImage, pushBlob, pushImage, putManifest, startTestRegistry } from './testing.ts'

describe('a registry over PostgreSQL', () => {
  let server: PostgresServer
  before(async () => {
    server = await PostgresServer.start()
  })
  after(() => server[Symbol.asyncDispose]())

  test('keeps what was pushed, tokens among it, and lists in the order of bytes', async () => {
    await using registry = await startTestRegistry({ database: await server.createDatabase() })
    const { text } = await pushImage(registry, 'user/app', 'v1')
    for (const tag of ['B', '_a', 'a', 'a.b', 'aB']) await pushImage(registry, 'user/app', tag)
    const authorization = await makeAccount(registry, 'ann')
    const asked = { headers: { authorization } }
    const { token } = (await (await registry.call('GET', '/token?service=registry', asked)).json()) as { token: string }
    await registry.restart()
    const pulled = await registry.call('GET', '/v2/user/app/manifests/v1', {
      headers: { authorization: `Bearer ${token}` },
    })
    assert.equal(await pulled.text(), text)
    const { tags } = (await (await registry.call('GET', '/v2/user/app/tags/list')).json()) as { tags: string[] }
    assert.deepEqual(tags, ['B', '_a', 'a', 'a.b', 'aB', 'v1'])
  })

  test('says 503 and when to come back while the database is away, and has lost nothing when it is back', async () => {
    await using registry = await startTestRegistry({ database: await server.createDatabase() })
    const { text } = await pushImage(registry, 'user/app', 'v1')
    const next = await makeImage(registry, 'user/app', { extra: { annotations: { a: 'b' } } })
    await server.stop('SIGQUIT')
    for (const [method, path, body] of [
      ['GET', '/v2/user/app/manifests/v1', undefined],
      ['PUT', '/v2/user/app/manifests/v2', next.text],
      ['POST', '/v2/user/app/blobs/uploads/', undefined],
      ['GET', '/v2/user/app/tags/list', undefined],
    ] as const) {
      const refused = await registry.call(method, path, body === undefined ? {} : { body })
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '5'], `${method} ${path}`)
      assert.equal(await errorCode(refused), 'UNAVAILABLE')
    }
    await server.run()
    assert.equal(await (await registry.call('GET', '/v2/user/app/manifests/v1')).text(), text)
    assert.equal((await registry.call('GET', '/v2/user/app/manifests/v2')).status, 404)
    assert.equal((await putManifest(registry, 'user/app', 'v2', next.text)).status, 201)
  })

  test('many push the same blob, the same tag and the same image at once', async () => {
    await using registry = await startTestRegistry({ database: await server.createDatabase() })
    const { text } = await makeImage(registry, 'user/app')
    const all = Array.from({ length: 24 }, async (_, at) => {
      await pushBlob(registry, `user/app${at % 3}`, 'the same')
      const made = at % 2 === 0 ? text : text.replace('{', `{"annotations":{"n":"${at}"},`)
      return (await putManifest(registry, 'user/app', 'latest', made)).status
    })
    assert.deepEqual(new Set(await Promise.all(all)), new Set([201]))
    const path = '/api/v1/repositories/user/app/tags/latest/history'
    const { history } = (await (await registry.call('GET', path)).json()) as { history: { previous: string | null }[] }
    // Each move but the first knows what the tag named before.
    assert.equal(history.filter(({ previous }) => previous === null).length, 1)
  })
})
