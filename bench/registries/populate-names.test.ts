import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startRegistry } from '@slipway/registry'
import { nameOf, populateNames, searcher } from './populate-names.ts'
import { ask, connect } from './push.ts'

test('a registry finds the names that its metadata was filled with, but for the private ones of others', async () => {
  const dataRoot = await mkdtemp(join(tmpdir(), 'slipway-populate-'))
  try {
    const { signal } = new AbortController()
    await populateNames({ dataRoot }, { repositories: 30, signal })
    await using registry = await startRegistry({ dataRoot, listen: { host: '127.0.0.1', port: 0 } })
    using to = connect(registry.address, 1)
    const authorization = `Basic ${Buffer.from(`${searcher.user}:${searcher.password}`).toString('base64')}`
    const find = async (text: string): Promise<readonly string[]> => {
      const { body } = await ask(to, `/v1/search?q=${encodeURIComponent(text)}`, 200, { headers: { authorization } })
      return (JSON.parse(body.toString()) as { results: { name: string }[] }).results.map(({ name }) => name)
    }
    assert.deepEqual(await find(nameOf(17)), [nameOf(17)])
    assert.deepEqual(await find(nameOf(20)), [])
    assert.equal((await find('kept by')).length, 25)
  } finally {
    await rm(dataRoot, { recursive: true, force: true })
  }
})
