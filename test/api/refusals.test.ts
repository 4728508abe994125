import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findFirstBinary } from '@slipway/linux'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'
import { type Refusal, readTable } from './refusals/table.ts'
import { World } from './refusals/world.ts'

/** A bad request that dockerd calls its own failure is the client's here: the words are the same. */
const isAnswer = (said: string, { answer = '', ours = answer }: Refusal): boolean =>
  said === ours || (ours.startsWith('500 ') && /^4\d\d$/.test(said.slice(0, 3)) && said.slice(3) === ours.slice(3))

const read = async () => readTable(await readFile(join(import.meta.dirname, 'refusals/refusals.txt'), 'utf8'))

test('bad requests: what docker says', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  const busybox = findFirstBinary('busybox-static', 'busybox')
  assert.ok(busybox)
  const world = await World.make(engine.socket, busybox)
  for (const { name, refusals } of (await read()).chapters) {
    await t.test(name, async () => {
      const wrong: string[] = []
      for (const refusal of refusals) {
        const said = await world.ask(refusal)
        if (isAnswer(said, refusal)) continue
        const { method, path, body = '', answer, ours } = refusal
        wrong.push(`${method} ${path} ${body}\n  wanted ${ours ?? answer}\n  got    ${said}`)
      }
      assert.equal(wrong.join('\n'), '')
    })
  }
  await world.remove()
})
