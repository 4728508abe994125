import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { digestOf, mediaTypes } from '@slipway/core'
import { registryMain } from './main.ts'
import { basic } from './testing.ts'

const program = `
  const { registryMain } = await import(${JSON.stringify(new URL('./main.ts', import.meta.url).href)})
  process.exitCode = await registryMain(process.argv.slice(1))
`

const spawnRegistry = (args: readonly string[]): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    program,
    '--',
    ...args,
  ])

const run = async (args: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> => {
  const child = spawnRegistry(args)
  child.stdin.end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: Number(code), out, err }
}

const newDataRoot = async (t: TestContext): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-registry-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return directory
}

interface Started {
  readonly url: string
  readonly child: ChildProcessWithoutNullStreams
}

/** Starts the program and waits until it says where it listens. */
const start = async (t: TestContext, dataRoot: string, ...more: string[]): Promise<Started> => {
  const child = spawnRegistry(['--listen', '127.0.0.1:0', '--data-root', dataRoot, ...more])
  t.after(() => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stderr })) {
    const { address } = JSON.parse(line) as { address?: string }
    if (address) return { url: `http://${address}`, child }
  }
  throw new Error('the registry ended before it listened')
}

const kill = async ({ child }: Started, signal: NodeJS.Signals): Promise<number | null> => {
  const ended = once(child, 'exit')
  child.kill(signal)
  return (await ended)[0]
}

const call = (url: string, method: string, init: RequestInit = {}): Promise<Response> => fetch(url, { ...init, method })

test('it answers until SIGTERM, then ends well', async (t) => {
  const registry = await start(t, await newDataRoot(t))
  assert.equal((await call(`${registry.url}/v2/`, 'GET')).status, 200)
  assert.equal(await kill(registry, 'SIGTERM'), 0)
})

test('without accounts it refuses to listen where others can reach it, with accounts it listens', async (t) => {
  const dataRoot = await newDataRoot(t)
  const refused = await run(['--listen', '0.0.0.0:0', '--data-root', dataRoot])
  assert.equal(refused.code, 1)
  assert.match(refused.err, /no accounts.*listens on loopback only, not on 0\.0\.0\.0/)
  await run(['user', 'add', 'james', '--password-stdin', '--data-root', dataRoot], 'secret\n')
  const plain = await run(['--listen', '0.0.0.0:0', '--data-root', dataRoot])
  assert.match(plain.err, /without TLS.*--allow-plain-http/)
  const registry = await start(t, dataRoot, '--listen', '0.0.0.0:0', '--allow-plain-http')
  assert.equal(await kill(registry, 'SIGINT'), 0)
})

test('a port that is taken is one sentence', async (t) => {
  const registry = await start(t, await newDataRoot(t))
  const { host } = new URL(registry.url)
  const refused = await run(['--listen', host, '--data-root', await newDataRoot(t)])
  assert.deepEqual([refused.code, refused.err.trim().split('\n').length], [1, 1])
  assert.match(refused.err, /address already in use/)
})

test('accounts are administered while the registry runs', async (t) => {
  const dataRoot = await newDataRoot(t)
  const registry = await start(t, dataRoot)
  const ping = async (): Promise<number> => (await call(`${registry.url}/v2/`, 'GET')).status
  const headers = { Authorization: basic('james', 'secret') }
  const added = await run(['user', 'add', 'james', '--password-stdin', '--data-root', dataRoot], 'secret\n')
  assert.deepEqual(added, { code: 0, out: '', err: '' })
  assert.equal((await call(`${registry.url}/v2/`, 'GET', { headers })).status, 200)
  assert.equal(await ping(), 401)
  const told: string[] = []
  t.mock.method(process.stdout, 'write', (line: string) => told.push(line))
  assert.equal(await registryMain(['user', 'list', '--data-root', dataRoot]), 0)
  assert.match(told.pop() ?? '', /^james\t\d{4}-/)
  assert.equal(await registryMain(['user', 'remove', 'james', '--data-root', dataRoot]), 0)
  assert.match(told.pop() ?? '', /That was the last account/)
  assert.equal(await ping(), 200)
})

test('what was typed wrongly is told in one line, with exit code 2', async (t) => {
  const dataRoot = await newDataRoot(t)
  const cases: readonly [readonly string[], RegExp][] = [
    [['usr', 'add'], /there is no command "slipway registry usr add"/],
    [
      ['user', 'add', '--password-stdin'],
      /use: slipway registry user add NAME \[PATTERN\] \[ACTIONS\] --password-stdin/,
    ],
    [['user', 'add', 'james'], /add --password-stdin/],
    [['repository', 'describe', 'UPPER', 'text'], /invalid repository name "UPPER"/],
    [['--listen', 'nowhere'], /invalid address "nowhere"/],
    [['--no-such-flag'], /no-such-flag/],
  ]
  const told: string[] = []
  t.mock.method(process.stderr, 'write', (line: string) => told.push(line))
  for (const [args, message] of cases) {
    assert.equal(await registryMain([...args, '--data-root', dataRoot]), 2)
    assert.match(told.pop() ?? '', message)
  }
  assert.equal(await registryMain(['repository', 'describe', 'no/one', 'text', '--data-root', dataRoot]), 1)
  assert.deepEqual(told, ['slipway registry: No such repository: no/one\n'])
})

const config = '{"os":"linux"}'
const layer = 'x'.repeat(100_000)
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
  layers: [{ mediaType: mediaTypes.ociLayer, digest: digestOf(layer), size: layer.length }],
})

const beginUpload = async (url: string): Promise<string> => {
  const response = await call(`${url}/v2/user/app/blobs/uploads/`, 'POST')
  return response.headers.get('location') ?? ''
}

const upload = async (url: string, body: string): Promise<number> => {
  const path = `${await beginUpload(url)}?digest=${digestOf(body)}`
  return (await call(url + path, 'PUT', { body })).status
}

const putManifest = (url: string): Promise<Response> =>
  call(`${url}/v2/user/app/manifests/v1`, 'PUT', {
    body: manifest,
    headers: { 'Content-Type': mediaTypes.ociManifest },
  })

test('kill -9 in the middle of an upload: the next start goes on with it', async (t) => {
  const dataRoot = await newDataRoot(t)
  const first = await start(t, dataRoot)
  const location = await beginUpload(first.url)
  const sending = httpRequest(first.url + location, { method: 'PATCH', headers: { 'Content-Length': layer.length } })
  sending.on('error', () => undefined)
  sending.write(layer.slice(0, 50_000))
  await delay(100)
  await kill(first, 'SIGKILL')

  const second = await start(t, dataRoot)
  const status = await call(second.url + location, 'GET')
  assert.equal(status.status, 204)
  const [, last = '0'] = (status.headers.get('range') ?? '').split('-')
  // What reached the disk is there; "0-0" also stands for nothing at all.
  const offset = last === '0' ? 0 : Number(last) + 1
  const path = `${location}?digest=${digestOf(layer)}`
  const end = await call(second.url + path, 'PUT', {
    body: layer.slice(offset),
    headers: { 'Content-Range': `${offset}-${layer.length - 1}` },
  })
  assert.equal(end.status, 201)
  assert.equal(await upload(second.url, config), 201)
  assert.equal((await putManifest(second.url)).status, 201)
})

test('kill -9 between the blobs and the manifest: nothing is lost, and nothing is half there', async (t) => {
  const dataRoot = await newDataRoot(t)
  const first = await start(t, dataRoot)
  assert.deepEqual([await upload(first.url, config), await upload(first.url, layer)], [201, 201])
  await kill(first, 'SIGKILL')

  const second = await start(t, dataRoot)
  assert.equal((await call(`${second.url}/v2/user/app/manifests/v1`, 'GET')).status, 404)
  assert.equal((await call(`${second.url}/v2/user/app/blobs/${digestOf(layer)}`, 'HEAD')).status, 200)
  assert.equal((await putManifest(second.url)).status, 201)
  await kill(second, 'SIGKILL')

  const third = await start(t, dataRoot)
  const pulled = await call(`${third.url}/v2/user/app/manifests/v1`, 'GET')
  assert.equal(await pulled.text(), manifest)
  const blob = await call(`${third.url}/v2/user/app/blobs/${digestOf(layer)}`, 'GET')
  assert.equal(await blob.text(), layer)
  assert.deepEqual(await readdir(join(dataRoot, 'content', 'ingests')), [])
})

test('kill -9 at any moment of many pushes: every blob that was acknowledged is there', async (t) => {
  const dataRoot = await newDataRoot(t)
  const first = await start(t, dataRoot)
  const acknowledged: string[] = []
  const push = async (): Promise<void> => {
    for (let count = 0; count < 500; count += 1) {
      const body = `blob ${Math.random()}`
      if ((await upload(first.url, body)) === 201) acknowledged.push(body)
    }
  }
  const pushing = Promise.allSettled([push(), push(), push(), push()])
  while (acknowledged.length < 20) await delay(10)
  await kill(first, 'SIGKILL')
  await pushing

  const second = await start(t, dataRoot)
  for (const body of acknowledged) {
    const response = await call(`${second.url}/v2/user/app/blobs/${digestOf(body)}`, 'GET')
    assert.equal(await response.text(), body)
  }
  assert.equal(await upload(second.url, 'after'), 201)
})
