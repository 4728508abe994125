import assert from 'node:assert/strict'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import {
  content,
  type control,
  empty,
  gateway,
  llb,
  type Methods,
  sessionMethods,
  streaming,
  unary,
} from '@slipway/buildkit'
import type { EngineClient } from '@slipway/client'
import { importImage, inspectImage } from '@slipway/client'
import { digestOf, hostPlatform, mediaTypes } from '@slipway/core'
import { packDirectory, packTar, tarHeader } from '@slipway/store'
import { LocalEngine } from '../testing/local-engine.ts'
import { BuildClient, definitionOf, type Made, type Output, operation, output } from './testing/build-client.ts'

const engine = new LocalEngine('graph')
const socket = join(engine.directory, 'engine.sock')
const { signal } = new AbortController()
let client: EngineClient

before(async () => {
  client = await engine.start()
  const root = engine.busyboxRoot(['sh', 'cat', 'echo', 'ls', 'test', 'mkdir'])
  for await (const { error } of await importImage(client, packDirectory(root, '/', { as: '' }), {
    repository: 'busybox',
  })) {
    assert.equal(error, undefined)
  }
})
after(() => engine[Symbol.asyncDispose]())

const image = (): Output =>
  output(operation({ source: { identifier: 'docker-image://docker.io/library/busybox:latest' } }))

const none = -1

/** `script` in the shell of the first input; further mounts name their inputs by number. */
const shell = (script: string, inputs: readonly Output[], mounts: readonly Record<string, unknown>[] = []): Made =>
  operation(
    {
      exec: {
        meta: { args: ['/bin/sh', '-c', script], env: ['PATH=/bin'], cwd: '/' },
        mounts: [{ input: 0, dest: '/', output: 0 }, ...mounts],
        network: llb.netMode.indexOf('none'),
      },
    },
    ...inputs,
  )

const noOwner = { timestamp: -1, mode: -1 }

type Asked = Parameters<typeof control.solveRequest.encode>[0]

/** Solves, and gives the text of a file of what came out, read through the bridge as frontends do. */
const readBack = async (end: Output, path: string): Promise<string> => {
  using buildClient = await BuildClient.open(socket)
  const solved = buildClient.solve({}, signal)
  solved.catch(() => undefined)
  const { result } = await buildClient.bridge(
    'Solve',
    { request: gateway.bridgeSolveRequest, response: gateway.bridgeSolveResponse },
    { definition: definitionOf(end), evaluate: true },
    signal,
  )
  const ref = result?.ref?.id ?? assert.fail('nothing came back')
  const { data } = await buildClient.bridge(
    'ReadFile',
    { request: gateway.readFileRequest, response: gateway.readFileResponse },
    { ref, path },
    signal,
  )
  await buildClient.bridge(
    'Return',
    { request: gateway.returnRequest, response: empty },
    { result: { ref: { id: ref } } },
    signal,
  )
  await solved
  return Buffer.from(data).toString()
}

const build = async (end: Output, more: Asked = {}) => {
  using buildClient = await BuildClient.open(socket)
  return (await buildClient.solve({ definition: definitionOf(end), ...more }, signal)).exporterResponse
}

test('a definition without a frontend is built, and becomes an image', async () => {
  const ran = shell('echo made > /made', [image()])
  const exporters = [{ type: 'moby', attrs: new Map([['name', 'graph:1']]) }]
  const response = await build(output(ran), { exporters })
  const made = await inspectImage(client, 'graph:1')
  assert.equal(made.Id, response.get('containerimage.config.digest'))
  assert.equal(made.RootFS.Layers?.length, 2)
})

test('what a step writes to its mounts can be outputs, each of its own, again from the cache', async () => {
  const ran = shell(
    'cat /from/etc-name > /out/copy && echo root > /root-file; echo thrown > /away/x',
    [image(), output(operation({ file: { actions: [mkfile(none, '/etc-name', 'named\n')] } }))],
    [
      { input: 1, dest: '/from', readonly: true, output: none },
      { input: none, dest: '/out', output: 1 },
      { input: none, dest: '/away', output: none },
    ],
  )
  assert.equal(await readBack(output(ran, 1), '/copy'), 'named\n')
  assert.equal(await readBack(output(ran, 0), '/root-file'), 'root\n')
  assert.equal(await readBack(output(ran, 1), '/copy'), 'named\n')
})

const mkfile = (input: number, path: string, text: string) => ({
  input,
  secondaryInput: none,
  output: 0,
  makeFile: { path, data: Buffer.from(text), ...noOwner, mode: 0o644 },
})

test('file operations stand on one another: files, directories, copies and removals', async () => {
  const files = operation(
    {
      file: {
        actions: [
          { ...mkfile(0, '/a', 'a\n'), output: none },
          {
            input: 2,
            secondaryInput: none,
            output: none,
            makeDirectory: { path: '/d/e', mode: 0o700, parents: true, timestamp: -1 },
          },
          {
            input: 3,
            secondaryInput: 1,
            output: none,
            copy: {
              source: '/bin/*ox',
              destination: '/d/e/',
              allowWildcard: true,
              createDestination: true,
              ...noOwner,
            },
          },
          { input: 4, secondaryInput: none, output: 0, remove: { path: '/a' } },
        ],
      },
    },
    image(),
    image(),
  )
  const ran = shell('ls /d/e > /seen; test ! -e /a && echo gone >> /seen', [output(files)])
  assert.equal(await readBack(output(ran), '/seen'), 'busybox\ngone\n')
})

test('layers are merged, and taken apart', async () => {
  const base = image()
  const one = shell('echo 1 > /one', [base])
  const two = shell('echo 2 > /two', [output(one)])
  const apart = operation({ diff: { lower: { input: 0 }, upper: { input: 1 } } }, base, output(two))
  const merged = operation({ merge: { inputs: [{ input: 0 }, { input: 1 }] } }, image(), output(apart))
  const ran = shell('cat /one /two > /both', [output(merged)])
  assert.equal(await readBack(output(ran), '/both'), '1\n2\n')
})

test('the difference of two that do not stand on one another is what makes one of the other', async () => {
  const base = image()
  const one = output(shell('mkdir /d; echo 1 > /d/one; echo same > /same; echo old > /other', [base]))
  const two = output(shell('mkdir /d; echo 2 > /d/two; echo same > /same; echo new > /other', [base]))
  const apart = operation({ diff: { lower: { input: 0 }, upper: { input: 1 } } }, one, two)
  const merged = operation({ merge: { inputs: [{ input: 0 }, { input: 1 }] } }, one, output(apart))
  const ran = shell('ls /d > /seen; cat /same /other >> /seen', [output(merged)])
  assert.equal(await readBack(output(ran), '/seen'), 'two\nsame\nnew\n')
})

test('a command may succeed with other exit codes than 0', async () => {
  const meta = { args: ['/bin/sh', '-c', 'echo seen > /seen; exit 3'], env: ['PATH=/bin'], cwd: '/' }
  /** 200 takes two bytes. */
  const ran = (code: number) =>
    operation(
      {
        exec: {
          meta: { ...meta, validExitCodes: Uint8Array.of(0xc8, 1, code) },
          mounts: [{ input: 0, dest: '/', output: 0 }],
          network: llb.netMode.indexOf('none'),
        },
      },
      image(),
    )
  assert.equal(await readBack(output(ran(3)), '/seen'), 'seen\n')
  await assert.rejects(build(output(ran(4))), /exit code: 3/)
})

test('a copy takes only what its include patterns name, but for what is excluded', async () => {
  const source = output(
    shell('mkdir /s /s/in; echo > /s/a.c; echo > /s/in/b.c; echo > /s/in/c.h; echo > /s/in/no.c', [image()]),
  )
  const copied = operation(
    {
      file: {
        actions: [
          {
            input: 0,
            secondaryInput: 1,
            output: 0,
            copy: {
              source: '/s',
              destination: '/t',
              directoryContents: true,
              createDestination: true,
              include: ['**/*.c'],
              exclude: ['in/no.c'],
              ...noOwner,
            },
          },
        ],
      },
    },
    image(),
    source,
  )
  const ran = shell('ls /t /t/in > /seen', [output(copied)])
  assert.equal(await readBack(output(ran), '/seen'), '/t:\na.c\nin\n\n/t/in:\nb.c\n')
})

/** An image with one file, as the blobs of a layout that a client serves in its session. */
const openLayout = async () => {
  const tar = await buffer(packTar([{ header: tarHeader({ name: 'laid', size: 4 }), body: Buffer.from('out\n') }]))
  const blobs = new Map<string, Buffer>()
  const put = (bytes: Buffer, mediaType: string) => {
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const layer = put(tar, mediaTypes.ociLayer)
  const { os, architecture } = hostPlatform()
  const image = { os, architecture, config: {}, rootfs: { type: 'layers', diff_ids: [layer.digest] }, history: [] }
  const config = put(Buffer.from(JSON.stringify(image)), mediaTypes.ociConfig)
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] }
  const { digest } = put(Buffer.from(JSON.stringify(manifest)), mediaTypes.ociManifest)
  const find = (store: readonly string[] | undefined, asked: string): Buffer => {
    assert.deepEqual(store, ['local:here'])
    return blobs.get(asked) ?? assert.fail(`nobody has ${asked}`)
  }
  const header = 'buildkit-attachable-store-id'
  const { infoRequest, infoResponse, readRequest, readResponse } = content
  const offered: Methods = {
    [sessionMethods.contentInfo]: unary(infoRequest, infoResponse, async (request, { metadata }) => ({
      info: { digest: request.digest, size: find(metadata[header], request.digest).length },
    })),
    [sessionMethods.readContent]: streaming(readRequest, readResponse, async function* (request, { metadata }) {
      const [start, size] = [Number(request.offset), Number(request.size)]
      yield { offset: start, data: find(metadata[header], request.digest).subarray(start, start + size) }
    }),
  }
  return { digest, offered }
}

test('a layout of the client’s is a source', async () => {
  const { digest, offered } = await openLayout()
  const source = { identifier: `oci-layout://any/name@${digest}`, attrs: new Map([['oci.store', 'local:here']]) }
  const ran = shell(
    'cat /from/laid',
    [image(), output(operation({ source }))],
    [{ input: 1, dest: '/from', readonly: true, output: none }],
  )
  using buildClient = await BuildClient.open(socket, offered)
  await buildClient.solve({ definition: definitionOf(output(ran)) }, signal)
})

test('secrets come from the session; what is not there is told, not waited for', async () => {
  const secretMount = {
    input: none,
    dest: '/key',
    output: none,
    type: llb.mountType.secret,
    secret: { id: 'k', mode: 0o400 },
  }
  const ran = shell('test "$(cat /key)" = hush', [image()], [secretMount])
  const codec = { encode: (data: Uint8Array) => data, decode: (data: Uint8Array) => data }
  // GetSecretResponse: field 1, four bytes.
  const offered = { [sessionMethods.getSecret]: unary(codec, codec, async () => Buffer.from('\u000a\u0004hush')) }
  using buildClient = await BuildClient.open(socket, offered)
  await buildClient.solve({ definition: definitionOf(output(ran)) }, signal)
  const build = operation({ build: { builder: none } }, image())
  using other = await BuildClient.open(socket)
  await assert.rejects(other.solve({ definition: definitionOf(output(build)) }, signal), /not supported/)
  using third = await BuildClient.open(socket)
  const failing = shell('echo no; exit 3', [image()])
  await assert.rejects(third.solve({ definition: definitionOf(output(failing)) }, signal), /exit code: 3/)
})

test('the bridge looks into results: files, directories, and what is not there', async () => {
  using buildClient = await BuildClient.open(socket)
  const solved = buildClient.solve({}, signal)
  solved.catch(() => undefined)
  const { result } = await buildClient.bridge(
    'Solve',
    { request: gateway.bridgeSolveRequest, response: gateway.bridgeSolveResponse },
    { definition: definitionOf(image()) },
    signal,
  )
  const ref = result?.ref?.id ?? assert.fail('nothing came back')
  const directory = { request: gateway.readDirectoryRequest, response: gateway.readDirectoryResponse }
  const { entries } = await buildClient.bridge(
    'ReadDir',
    directory,
    { ref, path: '/bin', includePattern: 'c*' },
    signal,
  )
  assert.deepEqual(
    entries.map(({ path, linkname }) => [path, linkname]),
    [['cat', 'busybox']],
  )
  const file = { request: gateway.statFileRequest, response: gateway.statFileResponse }
  const { stat } = await buildClient.bridge('StatFile', file, { ref, path: '/bin/busybox' }, signal)
  assert.ok((stat?.size ?? 0) > 100_000)
  await assert.rejects(buildClient.bridge('StatFile', file, { ref, path: '/../none' }, signal), /no such file/)
  const config = { request: gateway.resolveConfigRequest, response: gateway.resolveConfigResponse }
  const resolved = await buildClient.bridge('ResolveImageConfig', config, { ref: 'busybox' }, signal)
  assert.equal(JSON.parse(Buffer.from(resolved.config).toString()).os, 'linux')
  await buildClient.bridge('Return', { request: gateway.returnRequest, response: empty }, {}, signal)
  await solved
})
