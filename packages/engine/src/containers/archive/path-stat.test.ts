import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import { containerPath } from './path.ts'
import { goMode, pathStat, resolveInRoot } from './path-stat.ts'

const container = async () => {
  const path = await mkdtemp(join(tmpdir(), 'slipway-path-stat-'))
  const root = join(path, 'root')
  await mkdir(join(root, 'etc/app'), { recursive: true })
  await writeFile(join(root, 'etc/app/file'), 'text', { mode: 0o640 })
  await writeFile(join(path, 'secret'), 'not for you')
  await symlink('/etc/app', join(root, 'absolute'))
  await symlink('../../../secret', join(root, 'climb'))
  await symlink('absolute/file', join(root, 'chain'))
  await symlink('loop', join(root, 'loop'))
  return { root, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

test("goMode() says a mode as Go's os.FileMode does", () => {
  assert.equal(goMode(0o100644), 0o644)
  assert.equal(goMode(0o040755), 0x80000000 + 0o755)
  assert.equal(goMode(0o120777), 0x08000000 + 0o777)
  assert.equal(goMode(0o041777), 0x80000000 + 0x100000 + 0o777)
  assert.equal(goMode(0o104755), 0x800000 + 0o755)
  assert.equal(goMode(0o020666), 0x4000000 + 0x200000 + 0o666)
})

test('containerPath() is absolute, clean, and keeps what asks for the target of a link', () => {
  assert.equal(containerPath('etc//app/../x'), '/etc/x')
  assert.equal(containerPath('../../etc/'), '/etc/')
  assert.equal(containerPath('/etc/.'), '/etc/.')
  assert.equal(containerPath('.'), '/.')
  assert.throws(
    () => containerPath(''),
    (error) => hasCode(error, 'invalid'),
  )
})

test('pathStat() tells of a link and where it leads in the end', async () => {
  await using box = await container()
  const file = pathStat(box.root, '/etc/app/file')
  assert.deepEqual([file?.name, file?.size, file?.mode, file?.linkTarget], ['file', 4, 0o640, ''])
  assert.equal(pathStat(box.root, '/chain')?.linkTarget, '/etc/app/file')
  const link = pathStat(box.root, '/absolute')
  assert.deepEqual([link?.mode, link?.linkTarget], [0x08000000 + 0o777, '/etc/app'])
  const followed = pathStat(box.root, '/absolute/')
  assert.deepEqual([followed?.name, (followed?.mode ?? 0) >= 0x80000000], ['absolute', true])
  assert.equal(pathStat(box.root, '/absolute/file')?.size, 4)
  assert.equal(pathStat(box.root, '/')?.name, '/')
})

test('pathStat() finds nothing outside of the root', async () => {
  await using box = await container()
  assert.equal(pathStat(box.root, '/climb')?.linkTarget, '/secret')
  assert.equal(pathStat(box.root, '/climb/'), undefined)
  assert.equal(pathStat(box.root, '/../secret'), undefined)
  assert.equal(pathStat(box.root, '/etc/app/file/x'), undefined)
  assert.equal(resolveInRoot(box.root, '/climb/x'), '/secret/x')
  assert.throws(
    () => resolveInRoot(box.root, '/loop'),
    (error) => hasCode(error, 'invalid'),
  )
})
