import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from './options.ts'

const read = (options: Readonly<Record<string, string>>) => readOptions(new Map(Object.entries(options)))
const argument = 'build-arg:BUILDKIT_MULTI_PLATFORM'

const refusals: readonly (readonly [options: Readonly<Record<string, string>>, message: string])[] = [
  [{ [argument]: '1' }, 'a multi-platform result is not supported'],
  [{ [argument]: 'T', 'multi-platform': 'false' }, 'a multi-platform result is not supported'],
  [{ 'multi-platform': 'true' }, 'a multi-platform result is not supported'],
  [{ [argument]: 'yes' }, 'invalid boolean value for multi-platform: yes'],
  [{ platform: 'linux/amd64,linux/arm64' }, 'building for several platforms at once is not supported'],
]

test('what several platforms would need is refused, and said so', () => {
  for (const [options, message] of refusals) assert.throws(() => read(options), { message })
})

test('what only the client or the history knows of is no more than a build argument', () => {
  const { buildArgs } = read({ 'build-arg:BUILDKIT_BUILD_NAME': 'mine', 'build-arg:BUILDKIT_INLINE_CACHE': '1' })
  assert.deepEqual(buildArgs, { BUILDKIT_BUILD_NAME: 'mine', BUILDKIT_INLINE_CACHE: '1' })
})

test('BUILDKIT_MULTI_PLATFORM wins over the option, and stays a build argument', () => {
  const { buildArgs } = read({ [argument]: 'false', 'multi-platform': 'true' })
  assert.deepEqual(buildArgs, { BUILDKIT_MULTI_PLATFORM: 'false' })
  read({ [argument]: '', 'multi-platform': '' })
})
