import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isMountPoint, NetworkThread, withNetns } from '@slipway/linux'
import { eventually } from '../testing/eventually.ts'
import { inOwnNetns } from '../testing/own-netns.ts'
import { SandboxPool } from './pool.ts'

const openDirectory = async () => {
  const thread = await NetworkThread.start()
  const directory = await mkdtemp(join(tmpdir(), 'slipway-sandbox-'))
  return {
    thread,
    directory,
    async [Symbol.asyncDispose]() {
      for (const name of await readdir(directory)) await thread.deleteNetns(join(directory, name))
      await thread[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

const readyIn = async (directory: string): Promise<number> =>
  (await readdir(directory)).filter((name) => name.startsWith('ready-')).length

const waitUntilReady = async (directory: string, wanted: number): Promise<void> => {
  // The old place of one that was taken goes a moment later, and may be among those that are counted until then.
  await eventually(`${wanted} namespaces are ready`, async () => (await readyIn(directory)) === wanted)
}

inOwnNetns(import.meta.url, () => {
  test('take() gives a namespace under the name asked for, with its loopback up', async () => {
    await using place = await openDirectory()
    const { directory, thread } = place
    await using pool = await SandboxPool.open({ directory, thread, inUse: new Set(), size: 2 })
    await waitUntilReady(directory, 2)
    const path = await pool.take('web')
    assert.equal(path, join(directory, 'web'))
    const links = await thread.listLinks({ netns: path })
    assert.deepEqual(
      links.filter(({ up }) => up).map(({ name }) => name),
      ['lo'],
    )
    const setting = withNetns(path, () => readFileSync('/proc/sys/net/ipv6/conf/default/disable_ipv6', 'utf8'))
    assert.equal(setting, '1\n', 'links to come have no IPv6')
    await waitUntilReady(directory, 2)
    await pool.discard(path)
    await pool.discard(path)
    assert.equal(isMountPoint(path), false)
  })

  test('more than are ready can be taken at once, each another namespace', async () => {
    await using place = await openDirectory()
    const { directory, thread } = place
    await using pool = await SandboxPool.open({ directory, thread, inUse: new Set(), size: 1 })
    const paths = await Promise.all(['a', 'b', 'c', 'd'].map((id) => pool.take(id)))
    const identities = paths.map((path) => statSync(path).ino)
    assert.equal(new Set(identities).size, 4)
  })

  test('open() removes what nobody uses, and keeps the rest', async () => {
    await using place = await openDirectory()
    const { directory, thread } = place
    const first = await SandboxPool.open({ directory, thread, inUse: new Set(), size: 1 })
    const [kept, orphan] = [await first.take('kept'), await first.take('orphan')]
    await first[Symbol.asyncDispose]()
    await using _ = await SandboxPool.open({ directory, thread, inUse: new Set([kept]), size: 0 })
    assert.deepEqual(await readdir(directory), ['kept'])
    assert.equal(isMountPoint(kept), true)
    assert.equal(isMountPoint(orphan), false)
  })

  test('disposing leaves only what was taken', async () => {
    await using place = await openDirectory()
    const { directory, thread } = place
    const pool = await SandboxPool.open({ directory, thread, inUse: new Set(), size: 3 })
    await pool.take('web')
    await pool[Symbol.asyncDispose]()
    assert.deepEqual(await readdir(directory), ['web'])
    assert.ok((await readFile('/proc/self/mountinfo', 'utf8')).includes(join(directory, 'web')))
  })
})
