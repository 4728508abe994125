import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import type { DistributionInspect, ImageInspect, ImageSummary, ProgressMessage } from '@slipway/client'
import { parseReference, silentLogger } from '@slipway/core'
import { closeServer, createHttpServer, listen } from '@slipway/http'
import { startRegistry } from '@slipway/registry'
import { packTar, tarHeader } from '@slipway/store'
import { renderError } from '../http-status.ts'
import { imageRoutes } from './routes.ts'
import { type Harbour, openHarbour, seedImage, tarOf } from './testing/harbour.ts'

interface Engine extends AsyncDisposable {
  call(method: string, path: string, init?: RequestInit): Promise<Response>
  json<T>(method: string, path: string, init?: RequestInit): Promise<T>
  stream(method: string, path: string, init?: RequestInit): Promise<readonly ProgressMessage[]>
}

const serve = async ({ room }: Harbour): Promise<Engine> => {
  const server = createHttpServer({
    routes: imageRoutes,
    deps: { images: room.store, collector: room.collector, registries: room.registries },
    logger: silentLogger,
    renderError: renderError(silentLogger),
  })
  await listen(server, { kind: 'tcp', host: '127.0.0.1', port: 0 })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call: Engine['call'] = (method, path, init = {}) => fetch(base + path, { method, ...init })
  return {
    call,
    json: async (method, path, init) => (await call(method, path, init)).json() as never,
    stream: async (method, path, init) =>
      (await (await call(method, path, init)).text())
        .split('\r\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as ProgressMessage),
    [Symbol.asyncDispose]: () => closeServer(server, 0),
  }
}

const importTar = async (engine: Engine, query: string, files = { hello: 'world' }) =>
  engine.stream('POST', `/images/create?fromSrc=-&${query}`, { body: new Uint8Array(await buffer(tarOf(files))) })

test('import makes an image with changes, the same one for the same bytes and time', async () => {
  await using harbour = await openHarbour()
  await using engine = await serve(harbour)
  const query = `repo=user/web&tag=v1&message=mine&created=1000&changes=${encodeURIComponent('CMD ["web"]\nEXPOSE 80')}`
  const [made] = await importTar(engine, query)
  assert.match(made?.status ?? '', /^sha256:/)
  assert.deepEqual(await importTar(engine, query), [made])
  const image = await engine.json<ImageInspect>('GET', '/images/user/web:v1/json')
  assert.equal(image.Id, made?.status)
  assert.deepEqual(image.RepoTags, ['user/web:v1'])
  assert.equal(image.Comment, 'mine')
  assert.equal(image.Created, '1970-01-01T00:16:40.000Z')
  assert.deepEqual(image.Config?.Cmd, ['web'])
  assert.deepEqual(image.Config?.ExposedPorts, { '80/tcp': {} })
})

test('import of what is no tar is refused, and leaves nothing', async () => {
  await using harbour = await openHarbour()
  await using engine = await serve(harbour)
  // The last is one that can't be unpacked.
  const header = tarHeader({ name: 'link', type: 'hardlink', linkname: 'nowhere' })
  for (const body of ['', 'no tar at all'.repeat(100), await buffer(packTar([{ header }]))]) {
    const answer = await engine.call('POST', '/images/create?fromSrc=-&repo=x', { body })
    assert.equal(answer.status, 400)
  }
  assert.deepEqual(await Array.fromAsync(harbour.room.store.content.list()), [])
  assert.deepEqual(await Array.fromAsync(harbour.room.store.snapshots.list()), [])
})

test('the list has tags, digests and filters', async () => {
  await using harbour = await openHarbour()
  await using engine = await serve(harbour)
  const image = await seedImage(harbour, parseReference('user/web:v1'), { a: '1' }, ['LABEL tier=front'])
  const nameless = await seedImage(harbour, undefined, { b: '2' })
  harbour.users.set(image.id, [{ id: 'c', running: true }])
  const ids = async (filters: object): Promise<readonly string[]> => {
    const query = `filters=${encodeURIComponent(JSON.stringify(filters))}`
    return (await engine.json<ImageSummary[]>('GET', `/images/json?${query}`)).map(({ Id }) => Id)
  }
  const all = await engine.json<ImageSummary[]>('GET', '/images/json')
  assert.equal(all.length, 2)
  const row = all.find(({ Id }) => Id === image.id)
  assert.deepEqual(row?.RepoTags, ['user/web:v1'])
  assert.deepEqual(row?.Labels, { tier: 'front' })
  assert.equal(row?.Containers, 1)
  assert.equal(row?.Created, 1e9)
  assert.deepEqual(await ids({ dangling: ['true'] }), [nameless.id])
  assert.deepEqual(await ids({ dangling: { false: true } }), [image.id])
  assert.deepEqual(await ids({ label: ['tier=front'] }), [image.id])
  assert.deepEqual(await ids({ reference: ['user/*'] }), [image.id])
  assert.deepEqual(await ids({ reference: ['*'] }), [])
  const answer = await engine.call('GET', `/images/json?filters=${encodeURIComponent('{"bogus":["1"]}')}`)
  assert.equal(answer.status, 400)
  assert.deepEqual(await answer.json(), { message: "invalid filter 'bogus'" })
})

test('history names the image in the first row and its layers’ sizes', async () => {
  await using harbour = await openHarbour()
  await using engine = await serve(harbour)
  const image = await seedImage(harbour, parseReference('web'))
  const rows = await engine.json<readonly Record<string, unknown>[]>('GET', '/images/web/history')
  assert.deepEqual(rows, [
    { Id: image.id, Created: 1e9, CreatedBy: '', Tags: ['web:latest'], Size: image.size, Comment: 'seed' },
  ])
})

test('unknown images are 404 in docker’s words; tags that can’t be are 400', async () => {
  await using harbour = await openHarbour()
  await using engine = await serve(harbour)
  for (const [method, path] of [
    ['GET', '/images/nope/json'],
    ['GET', '/images/nope/history'],
    ['DELETE', '/images/nope'],
    ['POST', '/images/nope/tag?repo=x'],
  ] as const) {
    const answer = await engine.call(method, path)
    assert.equal(answer.status, 404)
    assert.deepEqual(await answer.json(), { message: 'No such image: nope:latest' })
  }
  await seedImage(harbour, parseReference('web'))
  assert.equal((await engine.call('POST', '/images/web/tag?repo=UPPER')).status, 400)
  assert.equal((await engine.call('POST', '/images/web/tag?repo=user/web&tag=v2')).status, 201)
  assert.equal((await engine.call('GET', '/images/user/web:v2/json')).status, 200)
})

test('a pull that can’t begin is an ordinary error; a push that fails says so in its stream', async () => {
  await using harbour = await openHarbour()
  await using registry = await startRegistry({
    listen: { host: '127.0.0.1', port: 0 },
    dataRoot: join(harbour.root, 'registry'),
  })
  await using engine = await serve(harbour)
  const name = `${registry.address}/user/web`
  const answer = await engine.call('POST', `/images/create?fromImage=${name}&tag=v1`)
  assert.equal(answer.status, 404)
  assert.match(((await answer.json()) as { message: string }).message, /not found/)
  const failed = await engine.stream('POST', `/images/${name}/push?tag=v1`)
  assert.equal(failed[0]?.status, `The push refers to repository [${name}]`)
  assert.equal(failed[1]?.error, `An image does not exist locally with the tag: ${name}`)
  assert.deepEqual(failed[1]?.errorDetail, { message: failed[1]?.error })

  const image = await seedImage(harbour, parseReference(`${name}:v1`))
  await engine.stream('POST', `/images/${name}/push?tag=v1`)
  await engine.call('DELETE', `/images/${image.id}?force=1`)
  const pulled = await engine.stream('POST', `/images/create?fromImage=${name}&tag=v1`)
  assert.equal(pulled.at(-1)?.status, `Status: Downloaded newer image for ${name}:v1`)
  const everyTag = await engine.stream('POST', `/images/create?fromImage=${name}`)
  assert.equal(everyTag.at(-1)?.status, `Status: Image is up to date for ${name}`)
  const other = await engine.stream('POST', `/images/create?fromImage=${name}&tag=v1&platform=linux/s390x`)
  assert.match(
    other.at(-1)?.status ?? '',
    /^WARNING: image with reference .* was found but its platform \(linux\/.*\) does not match the specified platform \(linux\/s390x\)$/,
  )
})

test('what a registry has under a name is told without fetching it', async () => {
  await using harbour = await openHarbour()
  await using registry = await startRegistry({
    listen: { host: '127.0.0.1', port: 0 },
    dataRoot: join(harbour.root, 'registry'),
  })
  await using engine = await serve(harbour)
  const name = `${registry.address}/user/web`
  const missing = await engine.call('GET', `/distribution/${name}/json`)
  assert.equal(missing.status, 404)
  await missing.text()
  const image = await seedImage(harbour, parseReference(`${name}:latest`))
  const pushed = await engine.stream('POST', `/images/${name}/push?tag=latest`)
  const digest = /digest: (\S+)/.exec(pushed.at(-2)?.status ?? pushed.at(-1)?.status ?? '')?.[1]
  await engine.call('DELETE', `/images/${image.id}?force=1`)
  const told = await engine.json<DistributionInspect>('GET', `/distribution/${name}/json`)
  assert.equal(told.Descriptor.digest, digest)
  assert.match(told.Descriptor.mediaType, /manifest/)
  const { os, architecture } = image.config
  assert.deepEqual(told.Platforms, [{ architecture, os }])
  assert.deepEqual(await engine.json('GET', '/images/json'), [])
})

test('login against an open registry works, and against one that is away says why', async () => {
  await using harbour = await openHarbour()
  const registry = await startRegistry({
    listen: { host: '127.0.0.1', port: 0 },
    dataRoot: join(harbour.root, 'registry'),
  })
  await using engine = await serve(harbour)
  const login = () =>
    engine.call('POST', '/auth', {
      body: JSON.stringify({ username: 'ada', password: 'secret', serveraddress: registry.address }),
      headers: { 'content-type': 'application/json' },
    })
  const answer = await login()
  assert.equal(answer.status, 200)
  assert.deepEqual(await answer.json(), { Status: 'Login Succeeded', IdentityToken: '' })
  await registry.close()
  assert.match(((await (await login()).json()) as { message: string }).message, /connect: connection refused$/)
})
