import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { TarParser } from '@slipway/store'
import { textNode } from '../tree/text.ts'
import { LayerTarget } from './layer.ts'
import { layerTar } from './layer-tar.ts'
import { noXattrs } from './target.ts'

const namesOf = (target: LayerTarget): readonly string[] => {
  const names: string[] = []
  const parser = new TarParser({
    entry: ({ name }) => void names.push(name.toString()),
    data: () => undefined,
    end: () => undefined,
  })
  for (const piece of layerTar(target, { onEntry: () => undefined })) parser.push(Buffer.from(piece))
  parser.end()
  return names
}

test('layerTar() has names in the order of their bytes, whatever JavaScript thinks of them', (t) => {
  const below = mkdtempSync(join(tmpdir(), 'slipway-layer-'))
  t.after(() => rmSync(below, { recursive: true }))
  const target = new LayerTarget(below)
  const metadata = () => ({ uid: 0, gid: 0, mode: 0o644, mtimeNs: 0n, xattrs: noXattrs })
  const names = ['\u{1f600}', '\uffee', 'é', 'b', 'a', 'B', 'a.b', 'ab']
  for (const name of names) target.put(`/${name}`, textNode('x'), metadata)
  target.makeDirectory('/a-', { uid: 0, gid: 0 })
  for (const name of ['z', 'y']) target.put(`/a-/${name}`, textNode('x'), metadata)
  assert.deepEqual(namesOf(target), ['B', 'a', 'a-/', 'a-/y', 'a-/z', 'a.b', 'ab', 'b', 'é', '\uffee', '\u{1f600}'])
})

test('what was put somewhere is found there, and so is what lies below', (t) => {
  const below = mkdtempSync(join(tmpdir(), 'slipway-layer-'))
  t.after(() => rmSync(below, { recursive: true }))
  const target = new LayerTarget(below)
  target.makeDirectory('/made', { uid: 0, gid: 0 })
  target.put('/made/file', textNode('x'), () => ({ uid: 0, gid: 0, mode: 0o644, mtimeNs: 0n, xattrs: noXattrs }))
  assert.equal(target.kindAt('/made/file'), 'file')
  assert.equal(target.kindAt('/made/other'), undefined)
  assert.equal(target.kindAt('/made'), 'directory')
  assert.equal(target.kindAt('/'), 'directory')
  assert.equal(target.kindAt('/other'), undefined)
})
