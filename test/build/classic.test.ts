import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'

test('docker build without buildx: the steps are on the network that is asked for, and find who is there', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const client = engine.client()
  const root = join(scratch.path, 'context')
  await mkdir(root)
  await writeFile(join(root, 'Dockerfile'), 'FROM busybox\nRUN until wget -qO- http://web/page; do sleep 0.1; done\n')
  await client.ok(['network', 'create', 'own'])
  const serve = 'mkdir /www && echo from the neighbour >/www/page && httpd -f -h /www'
  await client.ok(['run', '-d', '--name', 'web', '--network', 'own', 'busybox', 'sh', '-c', serve])
  assert.match(await client.ok(['build', '--network', 'own', root]), /^from the neighbour$/m)
  const { message } = await client.fails(['build', '--network', 'none-such', root])
  assert.match(message, /failed to set up container networking: network none-such not found$/)
})
