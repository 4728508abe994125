import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkSource, ensureSource } from './bind-source.ts'
import type { BindMount } from './mount.ts'

const bind = (source: string, createSource = true): BindMount =>
  ({ kind: 'bind', source, createSource }) as unknown as BindMount

test('ensureSource() makes the source with its parents, where that is wanted', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'swt-bind-'))
  t.after(() => rm(home, { recursive: true }))
  const source = join(home, 'a/b/c')
  await assert.rejects(ensureSource(bind(source, false)), { code: 'invalid' })
  await assert.rejects(checkSource(bind(source, false)), { code: 'invalid' })
  await Promise.all([ensureSource(bind(source)), ensureSource(bind(source))])
  assert.ok((await stat(source)).isDirectory())
  await writeFile(join(home, 'file'), '')
  await assert.rejects(
    ensureSource(bind(join(home, 'file/x'))),
    /^SlipwayError: error while creating mount source path '.*\/file\/x': mkdir .*\/file\/x: not a directory$/,
  )
})

test('ensureSource() ends below /proc, which takes no new directories', async () => {
  await assert.rejects(ensureSource(bind('/proc/x/y')), {
    message: "error while creating mount source path '/proc/x/y': mkdir /proc/x/y: no such file or directory",
  })
})
