import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  type BuildOptions,
  buildImage,
  EngineClient,
  importImage,
  inspectImage,
  type ProgressMessage,
} from '@slipway/client'
import { silentLogger } from '@slipway/core'
import { findFirstBinary, networkThread, readMountInfo, unmount } from '@slipway/linux'
import { teardown } from '@slipway/network'
import { packDirectory } from '@slipway/store'
import { loadConfig } from '../config/load.ts'
import { type RunningEngine, startEngine } from '../main.ts'

const directory = mkdtempSync(join(tmpdir(), 'slipway-door-'))
const bridge = `swtd${process.pid % 100_000}`
const scratch = join(directory, 'data/builds')
let engine: RunningEngine
let client: EngineClient

const writeFiles = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(directory, 'context-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return root
}

const build = async (files: Readonly<Record<string, string>>, options: BuildOptions = {}) => {
  const tar = packDirectory(writeFiles(files), '/', { as: '' })
  const messages: ProgressMessage[] = []
  for await (const message of await buildImage(client, tar, options)) messages.push(message)
  const text = messages.map(({ stream = '' }) => stream).join('')
  return { messages, text, error: messages.find(({ error }) => error !== undefined)?.error }
}

const importBusybox = async (): Promise<void> => {
  const root = mkdtempSync(join(directory, 'busybox-'))
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp']) mkdirSync(join(root, name))
  copyFileSync(
    findFirstBinary('busybox-static', 'busybox') ?? assert.fail('busybox is not installed'),
    join(root, 'bin/busybox'),
  )
  for (const applet of ['sh', 'cat', 'echo', 'sleep', 'false', 'ls']) symlinkSync('busybox', join(root, 'bin', applet))
  for await (const { error } of await importImage(client, packDirectory(root, '/', { as: '' }), {
    repository: 'busybox',
  })) {
    assert.equal(error, undefined)
  }
}

before(async () => {
  const socket = join(directory, 'engine.sock')
  const subnet = 200 + (process.pid % 50)
  const config = await loadConfig(
    [
      ...['--host', `unix://${socket}`, '--data-root', join(directory, 'data'), '--exec-root', join(directory, 'run')],
      ...['--pidfile', join(directory, 'pid'), '--bridge', bridge, '--bip', `10.${subnet}.${process.pid % 250}.1/24`],
    ],
    {},
  )
  engine = await startEngine(config, silentLogger)
  client = new EngineClient({ host: engine.host })
  await importBusybox()
})

after(async () => {
  await client?.[Symbol.asyncDispose]()
  await engine?.[Symbol.asyncDispose]()
  await teardown({ bridge, thread: await networkThread() })
  for (const { target } of readMountInfo(directory).toReversed()) unmount(target, { lazy: true })
  rmSync(directory, { recursive: true, force: true })
})

const leftovers = (): readonly string[] =>
  ['contexts', 'steps'].flatMap((name) => {
    try {
      return readdirSync(join(scratch, name))
    } catch {
      return []
    }
  })

/** What a build used goes right after its answer. */
const assertNothingLeft = async (): Promise<void> => {
  for (let tries = 0; leftovers().length > 0 && tries < 1000; tries++) await setTimeout(50)
  assert.deepEqual(leftovers(), [])
}

test('a context becomes a named image, in the classic builder’s words', async () => {
  const files = {
    Dockerfile: 'FROM busybox\nRUN cat /etc/hosts > /hosts; echo done\nCOPY a /a\nCMD ["cat", "/a"]',
    a: 'x',
  }
  const { text, error, messages } = await build(files, { tags: ['user/web:v1'] })
  assert.equal(error, undefined, error)
  assert.match(
    text,
    /^Step 1\/4 : FROM busybox\n ---> [0-9a-f]{12}\nStep 2\/4 : RUN cat .*\n ---> Running in [0-9a-f]{12}\ndone\n ---> Removed intermediate container [0-9a-f]{12}\n ---> [0-9a-f]{12}\nStep 3\/4 : COPY a \/a\n ---> [0-9a-f]{12}\nStep 4\/4 : CMD \["cat", "\/a"\]\n ---> Running in [0-9a-f]{12}\n ---> Removed intermediate container [0-9a-f]{12}\n ---> [0-9a-f]{12}\nSuccessfully built [0-9a-f]{12}\nSuccessfully tagged user\/web:v1\n$/,
  )
  const { Id, Config, RootFS } = await inspectImage(client, 'user/web:v1')
  assert.ok(messages.some(({ aux }) => JSON.stringify(aux) === JSON.stringify({ ID: Id })))
  assert.deepEqual(Config?.Cmd, ['cat', '/a'])
  assert.equal(RootFS?.Layers?.length, 3)
  const again = await build(files)
  assert.equal(again.text.match(/---> Using cache/g)?.length, 3)
  await assertNothingLeft()
})

test('a step that fails is told in the stream, and the state before it is an image', async () => {
  const { text, error, messages } = await build({ Dockerfile: 'FROM busybox\nRUN echo kept > /kept\nRUN false' })
  assert.equal(error, "The command '/bin/sh -c false' returned a non-zero code: 1")
  assert.equal(messages.at(-1)?.errorDetail?.code, 1)
  const last = [...text.matchAll(/^ ---> ([0-9a-f]{12})$/gm)].at(-1)?.[1] ?? ''
  assert.equal((await inspectImage(client, last)).RootFS?.Layers?.length, 2)
  const nothing = await build({ Dockerfile: 'FROM scratch' })
  assert.equal(nothing.text, 'Step 1/1 : FROM scratch\n ---> \n')
  assert.equal(nothing.error, 'No image was generated. Is your Dockerfile empty?')
})

test('what is wrong with the request is an ordinary error, and leaves nothing', async () => {
  const refused = (files: Readonly<Record<string, string>>, options: BuildOptions, message: RegExp) =>
    assert.rejects(build(files, options), message)
  await refused(
    { Dockerfile: 'FROM a\nRUNN b' },
    {},
    /dockerfile parse error on line 2: unknown instruction: RUNN \(did you mean RUN\?\)/,
  )
  await refused({ Dockerfile: '' }, {}, /the Dockerfile \(Dockerfile\) cannot be empty/)
  await refused({}, {}, /Cannot locate specified Dockerfile: Dockerfile/)
  await refused(
    { Dockerfile: 'FROM busybox' },
    { dockerfile: '../../../etc/passwd' },
    /Cannot locate specified Dockerfile/,
  )
  await refused({ Dockerfile: 'FROM busybox' }, { tags: ['A'] }, /must be lowercase/)
  await refused({ Dockerfile: 'FROM busybox' }, { target: 'x' }, /target stage "x" could not be found/)
  await assertNothingLeft()
})

test('a client that goes away ends its build', async () => {
  const tar = packDirectory(writeFiles({ Dockerfile: 'FROM busybox\nRUN echo started; sleep 1000' }), '/', { as: '' })
  const controller = new AbortController()
  const stream = await buildImage(client, tar, { signal: controller.signal })
  await assert.rejects(async () => {
    for await (const { stream: text } of stream) if (text?.includes('started\n')) controller.abort()
  })
  await assertNothingLeft()
})
