import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestEngine } from '../harness/engine.ts'
import { isLong } from '../harness/place.ts'
import { countTo } from '../harness/progress.ts'
import { openScratch } from '../harness/scratch.ts'

const runs = isLong ? 3000 : 60
const atOnce = 6
/** An end is told in milliseconds; one that got lost, never. */
const patience = 60_000

const post = async (engine: TestEngine, path: string, body?: object): Promise<string> => {
  const { status, message, text } = await engine.ask(path, {
    method: 'POST',
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  assert.ok(status < 300, `${path}: ${status} ${message}`)
  return text
}

/** Ends at once, or within a moment, with a code that nobody else has. */
const bodyOf = (run: number): object => ({
  Image: 'busybox',
  Cmd: ['sh', '-c', `${run % 3 === 0 ? 'sleep 0.02; ' : ''}echo ${run}; exit ${run % 100}`],
  HostConfig: { NetworkMode: run % 2 === 0 ? 'none' : 'bridge' },
})

const lostAfter = async (milliseconds: number, run: number): Promise<never> => {
  await sleep(milliseconds, undefined, { ref: false })
  throw new Error(`nobody told the end of run ${run}`)
}

const runOnce = async (engine: TestEngine, run: number): Promise<void> => {
  const { Id } = JSON.parse(await post(engine, '/containers/create', bodyOf(run))) as { Id: string }
  await post(engine, `/containers/${Id}/start`)
  const told = await Promise.race([post(engine, `/containers/${Id}/wait`), lostAfter(patience, run)])
  assert.equal((JSON.parse(told) as { StatusCode: number }).StatusCode, run % 100)
  const { text } = await engine.ask(`/containers/${Id}/logs?stdout=1`)
  assert.ok(text.includes(`${run}\n`), `run ${run} wrote ${JSON.stringify(text)}`)
  const { status } = await engine.ask(`/containers/${Id}`, { method: 'DELETE' })
  assert.equal(status, 204)
}

test(`the end of each of ${runs} containers is told, with its code and what it wrote`, async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const ended = countTo(runs, 'ends')
  let begun = 0
  const some = async (): Promise<void> => {
    while (begun < runs) {
      begun += 1
      await runOnce(engine, begun)
      ended()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, some))
})
