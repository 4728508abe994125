import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeFifo } from '@slipway/linux'
import { resolveUser } from './resolve.ts'

const rootfs = async (t: TestContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'slipway-user-'))
  t.after(() => rm(path, { recursive: true }))
  await mkdir(join(path, 'etc'))
  return path
}

test('a symlink out of the root file system leads to its own files', async (t) => {
  const path = await rootfs(t)
  await mkdir(join(path, 'usr/etc'), { recursive: true })
  await writeFile(join(path, 'usr/etc/passwd'), 'inside:x:7:8::/in:/bin/sh\n')
  await symlink('../../../../../../usr/etc/passwd', join(path, 'etc/passwd'))
  assert.deepEqual(resolveUser(path, 'inside'), { uid: 7, gid: 8, additionalGids: [8], home: '/in' })
})

test('files that are none, and none at all, hold nobody', async (t) => {
  const path = await rootfs(t)
  makeFifo(join(path, 'etc/passwd'))
  assert.equal(resolveUser(path, '0').uid, 0)
  await symlink('group', join(path, 'etc/group'))
  assert.throws(() => resolveUser(path, 'a:b'), { message: /unable to find user a/ })
  assert.throws(() => resolveUser(path, '0:b'), { message: /unable to find group b/ })
})

test('a passwd file of gigabytes is refused, not read', async (t) => {
  const path = await rootfs(t)
  const file = join(path, 'etc/passwd')
  await writeFile(file, '')
  await truncate(file, 2 ** 34)
  assert.throws(() => resolveUser(path, 'a'), { message: /larger than/ })
})
