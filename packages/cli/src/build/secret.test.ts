import assert from 'node:assert/strict'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Exit } from '../exit.ts'
import { readSecrets } from './secret.ts'

const env = { TOKEN: 'hush', other: 'quiet' }
const read = async (...texts: readonly string[]) => Object.fromEntries(await readSecrets(texts, env))

test('secrets come from files and from the environment', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'swt-secret-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const path = join(root, 'key')
  await writeFile(path, 'x')
  assert.deepEqual(await read(`id=a,src=${path}`, `id=b,source=${path}`, `id=c,type=file,src=${path}`), {
    a: { path },
    b: { path },
    c: { path },
  })
  assert.deepEqual(await read('id=a,env=TOKEN', 'id=b,type=env,src=TOKEN', 'id=TOKEN', 'id=none,env=NONE'), {
    a: { value: 'hush' },
    b: { value: 'hush' },
    TOKEN: { value: 'hush' },
  })
  await truncate(path, 600_000)
  await assert.rejects(
    read(`id=a,src=${path}`),
    new Exit(1, 'ERROR: failed to build: secret a too big. max size 500KB'),
  )
})

test('what can’t be is refused in docker’s words', async () => {
  const rows: readonly (readonly [text: string, why: string])[] = [
    ['idx', "ERROR: invalid field 'idx' must be a key=value pair"],
    ['id=a,foo=b', "ERROR: unexpected key 'foo' in 'foo=b'"],
    ['id=a,type=foo', 'ERROR: unsupported secret type "foo"'],
    ['src=/etc/hostname', 'ERROR: failed to build: secret missing ID'],
    ['id=x,src=/nowhere', 'ERROR: failed to build: failed to stat /nowhere: stat /nowhere: no such file or directory'],
  ]
  for (const [text, message] of rows) await assert.rejects(read(text), new Exit(1, message))
})
