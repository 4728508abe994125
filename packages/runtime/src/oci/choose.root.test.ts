import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { silentLogger } from '@slipway/core'
import { chooseRuntimes } from './choose.ts'
import { runtimeNamed } from './runtimes.ts'

const temporary = async (t: TestContext): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-choose-'))
  t.after(() => rm(directory, { recursive: true }))
  return directory
}

const script = async (path: string, text: string): Promise<string> => {
  await writeFile(path, `#!/bin/sh\n${text}\n`)
  await chmod(path, 0o755)
  return path
}

test('a crun that can run no container is not the default, but can be asked for', async (t) => {
  const launchers = await temporary(t)
  const crun = await script(join(launchers, 'crun-that-refuses'), 'exit 1')
  const runtimes = await chooseRuntimes({ added: { crun }, default: undefined, launchers, logger: silentLogger })
  assert.equal(runtimes.default, 'runc')
  assert.equal(runtimeNamed(runtimes, 'crun').command, crun)
  assert.equal(runtimeNamed(runtimes).name, 'runc')
  assert.throws(() => runtimeNamed(runtimes, 'nope'), {
    code: 'invalid',
    message: 'unknown or invalid runtime name: nope',
  })
})

test('a crun that runs a container is the default, and what was asked for comes before it', async (t) => {
  const launchers = await temporary(t)
  const crun = await script(join(launchers, 'crun-that-claims'), 'exit 0')
  const wishes = { added: { crun }, launchers, logger: silentLogger }
  assert.equal((await chooseRuntimes({ ...wishes, default: undefined })).default, 'crun')
  assert.equal((await chooseRuntimes({ ...wishes, default: 'runc' })).default, 'runc')
  await assert.rejects(chooseRuntimes({ ...wishes, default: 'nope' }), { code: 'invalid' })
})

test('where systemd makes the cgroups, a crun without D-Bus is not the default, and is refused as one', async (t) => {
  const launchers = await temporary(t)
  const crun = await script(join(launchers, 'crun-that-claims'), 'exit 0')
  const wishes = { added: { crun }, default: undefined, launchers, systemdCgroup: true, logger: silentLogger }
  assert.equal((await chooseRuntimes({ ...wishes, isBus: () => false })).default, 'runc')
  assert.equal((await chooseRuntimes({ ...wishes, isBus: () => true })).default, 'crun')
  await assert.rejects(chooseRuntimes({ ...wishes, default: 'crun', isBus: () => false }), {
    code: 'unavailable',
    message: /^--default-runtime crun: .*needs D-Bus.*use runc$/,
  })
})

test('trying leaves nothing behind', async (t) => {
  const launchers = await temporary(t)
  await chooseRuntimes({ added: {}, default: undefined, launchers, logger: silentLogger })
  const programs = await readdir(launchers)
  assert.deepEqual(
    programs.filter((name) => name !== 'crun'),
    [],
  )
})
