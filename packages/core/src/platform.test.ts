import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostPlatform } from './descriptor.ts'
import { parsePlatform } from './platform.ts'

test('parsePlatform() knows the names that machines go by', () => {
  const rows = [
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['Linux/x86_64', { os: 'linux', architecture: 'amd64' }],
    ['linux/arm64/v8', { os: 'linux', architecture: 'arm64', variant: 'v8' }],
    ['linux/arm/7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['linux/armhf', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['aarch64', { os: 'linux', architecture: 'arm64' }],
    ['linux', hostPlatform()],
  ] as const
  for (const [text, platform] of rows) assert.deepEqual(parsePlatform(text), platform, text)
})

test('parsePlatform() refuses the rest in containerd’s words', () => {
  const rows = [
    ['linux/a b', /^"a b" is an invalid component of "linux\/a b": platform specifier component must match "\^/],
    ['linux//v8', /^"" is an invalid component of/],
    ['a/b/c/d', /^"a\/b\/c\/d": cannot parse platform specifier: invalid argument$/],
    ['a/b/c/d/e', /^"d\/e" is an invalid component of "a\/b\/c\/d\/e"/],
    ['toaster', /^"toaster": unknown operating system or architecture: invalid argument$/],
  ] as const
  for (const [text, message] of rows) assert.throws(() => parsePlatform(text), { code: 'invalid', message })
})
