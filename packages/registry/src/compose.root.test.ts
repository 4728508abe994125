import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { digestOf } from '@slipway/core'
import { startRegistry } from './compose.ts'

const run = promisify(execFile)

const smallFileSystem = async (t: TestContext, size: string): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-full-'))
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'swt-full', directory])
  t.after(async () => {
    await run('umount', ['-l', directory])
    await rm(directory, { recursive: true })
  })
  return directory
}

test('a blob that there is no room for is refused, leaves nothing, and the registry goes on', async (t) => {
  const dataRoot = await smallFileSystem(t, '8m')
  await using registry = await startRegistry({ listen: { host: '127.0.0.1', port: 0 }, dataRoot })
  const url = `http://${registry.address}/v2/user/app/blobs/uploads/`
  const large = randomBytes(16 << 20)
  const begun = await fetch(url, { method: 'POST' })
  const location = `http://${registry.address}${begun.headers.get('location')}`
  for (const [method, target] of [
    ['PATCH', location],
    ['POST', `${url}?digest=${digestOf(large)}`],
  ] as const) {
    const response = await fetch(target, { method, body: large })
    assert.equal(response.status, 503)
    assert.match(await response.text(), /"UNAVAILABLE".*no space left in the registry/)
    assert.ok(response.headers.get('retry-after'))
    assert.deepEqual(await readdir(join(dataRoot, 'content', 'ingests')), [])
  }
  assert.equal((await fetch(location)).status, 404)
  const small = await fetch(`${url}?digest=${digestOf('small')}`, { method: 'POST', body: 'small' })
  assert.equal(small.status, 201)
})
