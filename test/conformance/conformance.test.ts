import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PostgresServer } from '@slipway/database/testing'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'
import { Candidate } from './candidate.ts'
import { sections } from './checks/index.ts'
import { examine, type Verdict } from './examine.ts'

/** The sentences about what our registry may leave out, and does. */
const leftOut: readonly string[] = ['OCI-Chunk-Min-Length, if it is there, is a number of bytes']

const examineAll = async (registry: Candidate): Promise<ReadonlyMap<string, Verdict>> => {
  const verdicts = new Map<string, Verdict>()
  for (const { checks } of sections) {
    for (const check of checks) verdicts.set(check.sentence, await examine(registry, check))
  }
  return verdicts
}

const others = (verdicts: ReadonlyMap<string, Verdict>): readonly string[] =>
  [...verdicts].flatMap(([sentence, { result, reason }]) =>
    result === 'kept' || (result === 'absent' && leftOut.includes(sentence))
      ? []
      : [`${sentence}: ${result}: ${reason}`],
  )

test('our registry keeps to every sentence of the OCI distribution-spec', async () => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  const anonymous = new Candidate(`http://${registry.address}`)
  assert.deepEqual(others(await examineAll(anonymous)), [])
  anonymous.close()
})

test('with accounts and over PostgreSQL too', async () => {
  await using scratch = await openScratch()
  await using server = await PostgresServer.start()
  await using registry = await TestRegistry.start(scratch, ['--database', await server.createDatabase()])
  await registry.addUser('james', 'secret')
  const james = new Candidate(`http://${registry.address}`, { user: 'james', password: 'secret' })
  assert.deepEqual(others(await examineAll(james)), [])
  james.close()
})
