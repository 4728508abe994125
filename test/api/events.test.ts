import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findFirstBinary } from '@slipway/linux'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'
import { readTable } from './events/table.ts'
import { Witness } from './events/witness.ts'

const read = async () => readTable(await readFile(join(import.meta.dirname, 'events/lives.txt'), 'utf8'))

test('events: what docker tells of a life, in its order', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  const busybox = findFirstBinary('busybox-static', 'busybox')
  assert.ok(busybox)
  await using witness = await Witness.open(engine.socket, busybox)
  for (const life of (await read()).lives) {
    await t.test(life.name, async () => assert.deepEqual(await witness.live(life), life.ours))
  }
})
