import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import { TreeWriter } from '../layer/tree-writer.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { encodeHeader, tarEnd } from './encode.ts'
import { paddingOf, tarHeader } from './header.ts'
import { TarParser, type TarSink } from './parse.ts'
import { paxRecord } from './pax.ts'

const parse = (tar: Buffer, sink: TarSink, step: number): void => {
  const parser = new TarParser(sink)
  for (let at = 0; at < tar.length; at += step) parser.push(tar.subarray(at, at + step))
  parser.end()
}

const unpack = (root: string, tar: Buffer, step = 1000): void => {
  mkdirSync(root)
  using writer = new TreeWriter(root, { whiteouts: 'plain' })
  parse(tar, writer, step)
  writer.finish()
}

const makeSparse = (path: string, size: number, offsets: readonly number[]): void => {
  const fd = openSync(path, 'w')
  ftruncateSync(fd, size)
  for (const offset of offsets) writeSync(fd, `data at ${offset}`, offset)
  closeSync(fd)
}

/** More parts than a header has room for, and than one block more. */
const files: Readonly<Record<string, readonly [size: number, offsets: readonly number[]]>> = {
  few: [3_000_000, [0, 1_000_000]],
  many: [40_000_000, Array.from({ length: 60 }, (_, at) => at * 600_000 + 5)],
  nothing: [5_000_000, []],
  start: [2_000_000, [0]],
  end: [2_000_000, [1_999_980]],
}

const forms: Readonly<Record<string, readonly string[]>> = {
  'of type S': ['--format=gnu'],
  'of pax 0.0': ['--format=pax', '--sparse-version=0.0'],
  'of pax 0.1': ['--format=pax', '--sparse-version=0.1'],
  'of pax 1.0': ['--format=pax', '--sparse-version=1.0'],
}

for (const [form, options] of Object.entries(forms)) {
  test(`sparse files ${form} are unpacked as GNU tar packed them, and stay sparse`, async () => {
    await using directory = await temporaryDirectory()
    const source = join(directory.path, 'source')
    mkdirSync(source)
    for (const [name, [size, offsets]] of Object.entries(files)) makeSparse(join(source, name), size, offsets)
    const tar = execFileSync('tar', ['-cS', ...options, '-C', source, '.'], { maxBuffer: 1 << 26 })
    for (const step of [tar.length, 777]) {
      const target = join(directory.path, `${step}`)
      unpack(target, tar, step)
      for (const name of Object.keys(files)) {
        const [from, to] = [join(source, name), join(target, name)]
        assert.ok(readFileSync(from).equals(readFileSync(to)), name)
        assert.ok(statSync(to).blocks <= statSync(from).blocks + 64, `${name} takes ${statSync(to).blocks} blocks`)
      }
    }
  })
}

/** A file with a map of form 0.1, whatever that says. */
const sparseTar = (map: string, realSize: string, body: Buffer): Buffer => {
  const records = Buffer.concat([
    paxRecord('GNU.sparse.map', Buffer.from(map)),
    paxRecord('GNU.sparse.size', Buffer.from(realSize)),
  ])
  const pax = encodeHeader(tarHeader({ name: 'pax', size: records.length }))
  pax[156] = 'x'.charCodeAt(0)
  pax.write('        ', 148, 'latin1')
  const sum = pax.reduce((total, byte) => total + byte, 0)
  pax.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const padded = (bytes: Buffer): readonly Buffer[] => [bytes, Buffer.alloc(paddingOf(bytes.length))]
  const header = encodeHeader(tarHeader({ name: 'file', size: body.length }))
  return Buffer.concat([pax, ...padded(records), header, ...padded(body), tarEnd])
}

test('a map that does not fit its file is refused', async () => {
  await using directory = await temporaryDirectory()
  const body = Buffer.from('0123456789')
  const maps: readonly (readonly [string, string])[] = [
    ['0,5,3,5', '100'],
    ['5,5,0,5', '100'],
    ['0,5,96,5', '100'],
    ['0,5,20,6', '100'],
    ['0,5,20', '100'],
    ['0,5,x,5', '100'],
    ['-5,5,20,5', '100'],
    ['0,5,9007199254740990,5', '9007199254740995'],
  ]
  for (const [at, [map, size]] of maps.entries()) {
    const refused = (error: unknown): boolean => hasCode(error, 'invalid')
    assert.throws(() => unpack(join(directory.path, `${at}`), sparseTar(map, size, body)), refused, map)
  }
  unpack(join(directory.path, 'good'), sparseTar('2,5,10,5', '20', body))
  assert.equal(readFileSync(join(directory.path, 'good/file'), 'latin1'), '\0\x0001234\0\0\x0056789\0\0\0\0\0')
})

test('a sink that takes no holes is given no sparse files', () => {
  const sink: TarSink = { entry: () => {}, data: () => {}, end: () => {} }
  const tar = sparseTar('0,1', '10', Buffer.from('x'))
  assert.throws(
    () => parse(tar, sink, 512),
    (error) => hasCode(error, 'unsupported'),
  )
})
