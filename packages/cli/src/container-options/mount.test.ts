import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMount, splitCsv } from './mount.ts'

test('splitCsv() keeps commas within quotes', () => {
  assert.deepEqual(splitCsv('a=1,"b=2,3",c="4""'), ['a=1', 'b=2,3', 'c="4""'])
  assert.deepEqual(splitCsv('"say ""hi"""'), ['say "hi"'])
  assert.deepEqual(splitCsv('a'), ['a'])
})

const rows: readonly (readonly [text: string, mount: object])[] = [
  ['type=bind,src=/a,dst=/b', { Type: 'bind', Source: '/a', Target: '/b' }],
  ['target=/c', { Type: 'volume', Target: '/c' }],
  ['source=v,destination=/c,readonly', { Type: 'volume', Source: 'v', Target: '/c', ReadOnly: true }],
  ['source=v,target=/c,ro=false', { Type: 'volume', Source: 'v', Target: '/c', ReadOnly: false }],
  [
    'type=bind,src=/a,dst=/b,bind-propagation=rslave',
    { Type: 'bind', Source: '/a', Target: '/b', BindOptions: { Propagation: 'rslave' } },
  ],
  [
    'type=bind,src=/a,dst=/b,bind-recursive=disabled',
    { Type: 'bind', Source: '/a', Target: '/b', BindOptions: { NonRecursive: true } },
  ],
  [
    'type=tmpfs,dst=/t,tmpfs-size=64m,tmpfs-mode=1777',
    { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 64 * 1024 ** 2, Mode: 0o1777 } },
  ],
  [
    'src=v,dst=/c,volume-nocopy,volume-driver=d,volume-opt=a=1,volume-opt=b=2,volume-label=l',
    {
      Type: 'volume',
      Source: 'v',
      Target: '/c',
      VolumeOptions: { NoCopy: true, DriverConfig: { Name: 'd', Options: { a: '1', b: '2' } }, Labels: { l: '' } },
    },
  ],
  [
    'src=v,dst=/c,"volume-opt=o=addr=1,rw"',
    { Type: 'volume', Source: 'v', Target: '/c', VolumeOptions: { DriverConfig: { Options: { o: 'addr=1,rw' } } } },
  ],
]

test('parseMount() reads the long form', () => {
  for (const [text, mount] of rows) assert.deepEqual(parseMount(text), mount, text)
})

test('parseMount() makes a relative source absolute', () => {
  assert.equal(parseMount('type=bind,src=./x,dst=/b').Source, `${process.cwd()}/x`)
})

const mistakes: readonly (readonly [text: string, message: string | RegExp])[] = [
  ['foo', "invalid field 'foo' must be a key=value pair"],
  ['foo=1,target=/x', "unexpected key 'foo' in 'foo=1'"],
  ['type=bind,source=/x', 'target is required'],
  ['type=bind,source=/x,target=/y,volume-nocopy', "cannot mix 'volume-*' options with mount type 'bind'"],
  ['target=/y,tmpfs-size=1m', "cannot mix 'tmpfs-*' options with mount type 'volume'"],
  ['target=/y,readonly=maybe', 'invalid value for readonly: maybe'],
  ['type=tmpfs,target=/y,tmpfs-mode=9', 'invalid value for tmpfs-mode: 9'],
  ['toString=1,target=/y', "unexpected key 'tostring' in 'toString=1'"],
]

test('parseMount() refuses in words', () => {
  for (const [text, message] of mistakes) assert.throws(() => parseMount(text), { message }, text)
})
