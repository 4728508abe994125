import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandOf, mergeConfig } from './merge-config.ts'

const image = { Env: ['PATH=/bin', 'A=image'], Cmd: ['-v'], Entrypoint: ['/serve'], WorkingDir: '/srv', User: 'www' }

const commands: readonly (readonly [string, object, readonly string[]])[] = [
  ['nothing: the image decides', {}, ['/serve', '-v']],
  ['a command: replaces the image’s', { Cmd: ['-x'] }, ['/serve', '-x']],
  ['an entrypoint: takes the image’s command away', { Entrypoint: ['/bin/sh'] }, ['/bin/sh']],
  ['both', { Entrypoint: ['/bin/sh'], Cmd: ['-c', 'ls'] }, ['/bin/sh', '-c', 'ls']],
  ['an empty entrypoint: only the command', { Entrypoint: [''], Cmd: ['ls'] }, ['ls']],
  ['null, as Go clients send it', { Entrypoint: null, Cmd: null }, ['/serve', '-v']],
  ['an old client’s text', { Cmd: 'ls' }, ['/serve', 'ls']],
]
for (const [what, body, expected] of commands) {
  test(`mergeConfig() with ${what}`, () => assert.deepEqual(commandOf(mergeConfig(body, image, 'h')), expected))
}

test('mergeConfig() lets the request’s variables win, and a name alone removes the image’s', () => {
  const { Env } = mergeConfig({ Env: ['A=own', 'PATH', 'B=1'] }, image, 'h')
  assert.deepEqual(Env, ['A=own', 'PATH', 'B=1'])
  assert.equal(mergeConfig({}, {}, 'h').Env, null)
})

test('mergeConfig() joins ports, volumes and labels, and takes what else the request leaves open from the image', () => {
  const merged = mergeConfig(
    { ExposedPorts: { '80/tcp': {} }, Labels: { a: 'own' } },
    { ...image, ExposedPorts: { '443/tcp': {} }, Labels: { a: 'image', b: 'image' }, StopSignal: 'SIGQUIT' },
    'abc',
  )
  assert.deepEqual(Object.keys(merged.ExposedPorts ?? {}).sort(), ['443/tcp', '80/tcp'])
  assert.deepEqual(merged.Labels, { a: 'own', b: 'image' })
  assert.equal(merged.StopSignal, 'SIGQUIT')
  assert.equal(merged.Hostname, 'abc')
  assert.equal(merged.WorkingDir, '/srv')
  assert.equal(merged.User, 'www')
})
