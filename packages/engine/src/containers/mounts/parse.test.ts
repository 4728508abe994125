import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MountRequest } from '@slipway/client'
import { askedMounts, parseBind } from './parse.ts'
import { parseVolumesFrom } from './volumes-from.ts'

test('parseBind() reads source, destination and mode', () => {
  assert.deepEqual(parseBind('/a/../b:/c/:ro,rslave'), {
    type: 'bind',
    source: '/b',
    destination: '/c',
    mode: 'ro,rslave',
    readonly: true,
    propagation: 'rslave',
    createSource: true,
  })
  for (const text of ['/a:b', '/a:/', '/a:/b:wo', '/a:/b:ro:x', ':/b', '/a:ro', '/', 'v:/x:shared', '']) {
    assert.throws(() => parseBind(text), { code: 'invalid' }, text)
  }
})

test('parseBind() takes a name for a volume, and a path alone for one without a name', () => {
  const place = { type: 'volume', destination: '/data', subpath: '' }
  assert.deepEqual(parseBind('db:/data:ro,nocopy', 'local'), {
    ...place,
    mode: 'ro,nocopy',
    readonly: true,
    copy: false,
    wanted: { name: 'db', driver: 'local' },
  })
  const wanted = { name: undefined, driver: undefined }
  assert.deepEqual(parseBind('/data'), { ...place, mode: '', readonly: false, copy: true, wanted })
  assert.throws(() => parseBind('db:/x:rshared'), /field BindOptions must not be specified/)
})

const volume = (request: Partial<MountRequest>) =>
  askedMounts({ Mounts: [{ Type: 'volume', Target: '/x', ...request }] })

test('askedMounts() confines a subpath, and refuses what an anonymous volume cannot be', () => {
  assert.equal(volume({ Source: 'db', VolumeOptions: { Subpath: 'a/b' } })[0]?.destination, '/x')
  for (const Subpath of ['/a', '..', '../a', 'a/../..']) {
    assert.throws(
      () => volume({ Source: 'db', VolumeOptions: { Subpath } }),
      /subpath must be a relative path/,
      Subpath,
    )
  }
  assert.throws(() => volume({ ReadOnly: true }), /must not set ReadOnly mode when using anonymous volumes/)
  assert.throws(() => volume({ Target: 'x' }), /mount path must be absolute/)
})

test('askedMounts() refuses two at one place', () => {
  assert.throws(() => askedMounts({ Binds: ['db:/x', '/a:/x/'] }), /Duplicate mount point: \/x/)
  assert.throws(() => askedMounts({ Binds: ['db:/x'], Tmpfs: { '/x': '' } }), /Duplicate mount point: \/x/)
})

test('parseVolumesFrom() reads a container and ro or rw', () => {
  assert.deepEqual(parseVolumesFrom('web'), { container: 'web', readonly: false })
  assert.deepEqual(parseVolumesFrom('web:ro,z'), { container: 'web', readonly: true })
  for (const text of ['', ':ro', 'web:nocopy', 'web:rshared', 'web:ro:rw']) {
    assert.throws(() => parseVolumesFrom(text), { code: 'invalid' }, text)
  }
})
