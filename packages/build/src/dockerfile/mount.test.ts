import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOfMount } from '../ops/mount/mount.ts'
import { scratch } from '../ops/source.ts'
import { startAssignments } from './assignments.ts'
import { startEnvironment } from './config.ts'
import { readMounts } from './instructions/run-mounts.ts'
import { type MountText, mountSource, mountTarget, parseMount } from './mount.ts'
import { parseDockerfile } from './parser.ts'
import type { Setting } from './stage.ts'
import { testSetting } from './testing/apply.ts'

const expand = (value: string): string => value.replaceAll('$X', 'expanded')
const bind = { type: 'bind', readonly: true, required: false } as const
const cache = { type: 'cache', readonly: false, required: false } as const

const mounts: readonly (readonly [text: string, expected: MountText])[] = [
  ['target=/x', { ...bind, target: '/x' }],
  ['type=bind,src=a,dst=/x,rw', { ...bind, source: 'a', target: '/x', readonly: false }],
  ['source=a,destination=/x,readwrite=false', { ...bind, source: 'a', target: '/x' }],
  ['from=base,target=$X', { ...bind, from: 'base', target: 'expanded' }],
  ['"target=/a,b"', { ...bind, target: '/a,b' }],
  ['type=CACHE,target=/x', { ...cache, target: '/x' }],
  [
    'type=cache,id=$X,target=/x,sharing=LOCKED,mode=0770,uid=5,gid=6,ro',
    { ...cache, id: 'expanded', target: '/x', sharing: 'locked', mode: 0o770, uid: 5, gid: 6, readonly: true },
  ],
  ['type=tmpfs,target=/x,size=64m', { ...cache, type: 'tmpfs', target: '/x', size: 64 << 20 }],
  ['type=tmpfs,target=/x,size=1.5kb', { ...cache, type: 'tmpfs', target: '/x', size: 1536 }],
  ['type=secret,id=key,required', { ...bind, type: 'secret', id: 'key', required: true }],
  ['type=secret,id=key,env=KEY,mode=0400', { ...bind, type: 'secret', id: 'key', env: 'KEY', mode: 0o400 }],
  ['type=ssh', { ...bind, type: 'ssh' }],
  ['type=ssh,required=0', { ...bind, type: 'ssh' }],
]

test('a mount is read as BuildKit reads it', () => {
  for (const [text, expected] of mounts) assert.deepEqual(parseMount(text, expand), expected, text)
})

const refusals: readonly (readonly [text: string, message: string])[] = [
  ['type=bnd', 'unsupported mount type "bnd" (did you mean bind?)'],
  ['type=volume', 'unsupported mount type "volume"'],
  ['targt=/x', "unexpected key 'targt' in 'targt=/x' (did you mean target?)"],
  ['volume=1', "unexpected key 'volume' in 'volume=1'"],
  ['target', "invalid field 'target' must be a key=value pair"],
  ['target=/x,required', "unexpected key 'required' for mount type 'bind'"],
  ['type=cache,target=/x,size=1m', "unexpected key 'size' for mount type 'cache'"],
  ['type=tmpfs,target=/x,size=lots', 'invalid value for size: lots'],
  ['type=cache,target=/x,sharing=shred', 'unsupported sharing value "shred" (did you mean shared?)'],
  ['target=/x,sharing=shared', 'invalid cache sharing set for bind mount'],
  ['target=/x,ro=maybe', 'invalid value for ro: maybe'],
  ['target=/x,mode=0755', 'mode not allowed for "bind" type mounts'],
  ['type=tmpfs,target=/x,uid=1', 'uid not allowed for "tmpfs" type mounts'],
  ['type=cache,target=/x,mode=rwx', 'invalid value rwx for mode'],
  ['type=cache,target=/x,gid=-1', 'invalid value -1 for gid'],
  ['type=secret', 'invalid secret mount. one of source, target required'],
  ['type=secret,id=a,source=b', "both source and id can't be set"],
  ['type=secret,id=a,from=b', 'secret mount should not have a from'],
  ['type=secret,id=a,sharing=private', 'secret mount should not define sharing'],
]

test('a mount that BuildKit refuses is refused in its words', () => {
  for (const [text, message] of refusals) assert.throws(() => parseMount(text, expand), { message, code: 'invalid' })
})

test('the stage of a mount is known before anything is expanded', () => {
  assert.deepEqual(mountSource('type=bind,from=base,dst=$X'), { name: 'base', target: '$X' })
  assert.equal(mountSource('type=tmpfs,from=base,target=/x'), undefined)
  assert.equal(mountSource('target=/x'), undefined)
  assert.throws(() => mountSource('from=$base'), {
    message: "'from' doesn't support variable expansion, define alias stage instead",
  })
})

const mountsOf = (texts: readonly string[], env: readonly string[] = [], buildArgs: Setting['buildArgs'] = {}) => {
  const [line] = parseDockerfile('RUN x').lines
  const platform = { os: 'linux', architecture: 'amd64' }
  const config = { WorkingDir: '/work' }
  const environment = startEnvironment(env)
  const stage = {
    root: scratch,
    config,
    platform,
    args: startAssignments<string | undefined>(),
    environment,
    given: {},
  }
  return readMounts(texts, line ?? assert.fail(), stage, { ...testSetting, buildArgs }).mounts
}

const agentVariables = (env: readonly string[]) =>
  mountsOf(['type=ssh,id=a,target=/a', 'type=ssh'], env).map((mount) =>
    mount.kind === 'agent' ? [mount.target, mount.env] : [],
  )

test('a cache is named after its target, in the namespace that is asked for', () => {
  const idOf = (text: string, buildArgs: Setting['buildArgs'] = {}): string => {
    const [mount] = mountsOf([`type=cache,${text}`], [], buildArgs)
    return mount?.kind === 'cache' ? mount.id : ''
  }
  assert.deepEqual([idOf('target=/x//y/../z'), idOf('target=/x,id=my')], ['//x/z', '/my'])
  assert.equal(idOf('target=/x,id=my', { BUILDKIT_CACHE_MOUNT_NS: 'ours' }), 'ours/my')
})

/** Of one mount, what the key of its RUN has of it. */
const keyOf = (text: string): string => JSON.stringify(mountsOf([text]).map(keyOfMount))

test('which cache it is, how it is shared, and what must be there is no part of a key; the rest is', () => {
  const same = [
    ['type=cache,target=/c', 'type=cache,target=/c,id=other,sharing=locked'],
    ['type=secret,id=a', 'type=secret,id=a,required'],
    ['type=ssh', 'type=ssh,required'],
  ] as const
  for (const [one, other] of same) assert.equal(keyOf(one), keyOf(other), other)
  const cache = 'type=cache,target=/c'
  const texts = ['', ',ro', ',mode=0700', ',uid=1', ',gid=1', ',source=/s'].map((more) => cache + more)
  const others = [
    'type=cache,target=/d',
    'type=tmpfs,target=/c',
    'type=tmpfs,target=/c,size=1m',
    'target=/c',
    'target=/c,rw',
  ]
  const keys = [...texts, ...others].map(keyOf)
  assert.equal(new Set(keys).size, keys.length)
})

test('SSH_AUTH_SOCK names the first agent, unless it names something already', () => {
  const second = ['/run/buildkit/ssh_agent.1', undefined]
  assert.deepEqual(agentVariables(['A=1']), [['/a', 'SSH_AUTH_SOCK'], second])
  assert.deepEqual(agentVariables(['SSH_AUTH_SOCK=/own']), [['/a', undefined], second])
})

test('a target is looked up in the working directory, and is never the root', () => {
  assert.equal(mountTarget('x/../y', '/work'), '/work/y')
  assert.equal(mountTarget('/x/', '/work'), '/x')
  assert.equal(mountTarget('', '/work'), '/work')
  assert.throws(() => mountTarget('..', '/work'), { message: 'invalid mount target "/"' })
})
