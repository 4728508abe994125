import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { tarHeader } from '../tar/header.ts'
import { packTar, type TarInput } from '../tar/pack.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { layerDifferences } from './differences.ts'

const file = (name: string, text: string, mode = 0o644): TarInput => ({
  header: tarHeader({ name, mode, size: text.length }),
  body: Buffer.from(text),
})
const directory = (name: string, mtime: number): TarInput => ({ header: tarHeader({ name, type: 'directory', mtime }) })

const differences = async (one: readonly TarInput[], other: readonly TarInput[]) => {
  await using scratch = await temporaryDirectory()
  const paths = { one: join(scratch.path, 'one'), other: join(scratch.path, 'other') }
  await writeFile(paths.one, packTar(one))
  await writeFile(paths.other, packTar(other))
  return await layerDifferences(paths)
}

test('two tars of the same tree do not differ, whatever their order and the times of directories', async () => {
  const found = await differences(
    [directory('d/', 1), file('d/a', '1'), file('b', '2')],
    [file('b', '2'), directory('d/', 2), file('d/a', '1')],
  )
  assert.deepEqual(found, { count: 0, paths: [] })
})

test('what is changed, added or missing is named', async () => {
  const found = await differences(
    [file('same', 'x'), file('text', 'one'), file('mode', 'x'), file('missing', 'x')],
    [file('same', 'x'), file('text', 'two'), file('mode', 'x', 0o755), file('added', 'x')],
  )
  assert.deepEqual(found, { count: 4, paths: ['/added', '/missing', '/mode', '/text'] })
})

test('of many, the first few are named', async () => {
  const many = Array.from({ length: 20 }, (_, at) => file(`file ${String(at).padStart(2, '0')}`, ''))
  const { count, paths } = await differences(many, [])
  assert.equal(count, 20)
  assert.deepEqual(paths.slice(0, 2), ['/file 00', '/file 01'])
  assert.ok(paths.length < 20)
})
