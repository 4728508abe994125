import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseReference } from '@slipway/core'
import { checkImages } from './check.ts'
import { openHarbour, openHarbourAt, seedImage } from './testing/harbour.ts'
import { saved } from './testing/life.ts'

const { signal } = new AbortController()
const kills = Number(process.env['SLIPWAY_TEST_KILLS'] ?? 8)
const longest = 600

const writeArchive = async (path: string): Promise<void> => {
  await using from = await openHarbour()
  await seedImage(from, parseReference('one:1'), { shared: 'x', large: Buffer.alloc(3_000_000, 'l') })
  await seedImage(from, parseReference('two:2'), { shared: 'x', other: Buffer.alloc(2_000_000, 'o') })
  await writeFile(path, await saved(from, ['one:1', 'two:2']))
}

/** Lets a process live on the directory for a while, kills it, and returns what it had promised by then. */
const liveAndDie = async (root: string, archive: string, milliseconds: number): Promise<readonly string[]> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing/live.ts'), root, archive], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child.stdout, 'data')
  await sleep(milliseconds)
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
  return said
    .slice(0, said.lastIndexOf('\n'))
    .split('\n')
    .filter((line) => line.includes(':'))
}

test('kill -9 at any moment leaves whole images, and nothing over once the next start has collected', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-kill-'))
  const root = join(directory, 'root')
  const archive = join(directory, 'archive.tar')
  try {
    await writeArchive(archive)
    for (let kill = 0; kill < kills; kill += 1) {
      const after = Math.random() * longest
      const promised = await liveAndDie(root, archive, after)
      await using harbour = await openHarbourAt(root)
      await harbour.room.collector.recover()
      const { Findings } = await checkImages(harbour.room, { repair: false, needed: [], signal })
      assert.deepEqual(Findings, [], `after kill ${kill}, at ${after} ms`)
      assert.deepEqual(await readdir(join(root, 'content', 'ingests')), [])
      assert.deepEqual(await readdir(join(root, 'content', 'scratch')), [])
      const [last] = promised.filter((name) => name.startsWith('made:')).slice(-1)
      for (const name of [...new Set(promised.filter((each) => each === 'two:2')), ...(last ? [last] : [])]) {
        assert.ok(await harbour.room.store.resolve(name), `${name} was promised before kill ${kill}, at ${after} ms`)
      }
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
