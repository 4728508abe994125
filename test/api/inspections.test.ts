import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { EngineClient, importImage } from '@slipway/client'
import { findFirstBinary } from '@slipway/linux'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'
import { makeTar } from '../harness/tar.ts'
import { look, prepare, type RunDocker, takeAway } from './inspections/look.ts'
import { readInspections } from './inspections/table.ts'

const read = async () => readInspections(await readFile(join(import.meta.dirname, 'inspections/dockerd.txt'), 'utf8'))

/** The image of the recording: nothing is set in it but a command. */
const addBusybox = async (engine: TestEngine): Promise<void> => {
  const path = findFirstBinary('busybox-static', 'busybox')
  assert.ok(path)
  const files = makeTar([
    ...['bin/', 'etc/', 'tmp/'].map((name) => ({ name })),
    { name: 'bin/busybox', body: await readFile(path), mode: 0o755 },
    ...['sh', 'sleep', 'true', 'false', 'cat'].map((name) => ({ name: `bin/${name}`, linkTo: 'busybox' })),
    { name: 'etc/passwd', body: 'root:x:0:0:root:/root:/bin/sh\n' },
    { name: 'etc/group', body: 'root:x:0:\n' },
  ])
  await using client = new EngineClient({ host: engine.host })
  const options = { repository: 'busybox', changes: ['CMD ["sh"]'] }
  for await (const { error } of await importImage(client, Readable.from([files]), options))
    assert.equal(error, undefined)
}

test('docker inspect shows of a container what it shows with dockerd, field by field', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await addBusybox(engine)
  const docker: RunDocker = (args) => engine.client().run(args)
  await prepare(docker)
  for (const { command, shown } of await read()) {
    await t.test(command, async () => assert.deepEqual(await look(docker, command), shown))
  }
  await takeAway(docker)
})
