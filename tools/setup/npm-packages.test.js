import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { missingPackages } from './npm-packages.js'

const koffi = { version: '3.0.0' }

test('missingPackages() finds what is not there, and what is there in another version', () => {
  const wanted = { '': {}, 'node_modules/koffi': koffi, 'node_modules/jose': { version: '6.1.0' } }
  assert.deepEqual(missingPackages(wanted, { 'node_modules/koffi': koffi }, 'x64'), ['jose'])
  assert.deepEqual(missingPackages(wanted, { ...wanted, 'node_modules/koffi': { version: '2.0.0' } }, 'x64'), ['koffi'])
  assert.deepEqual(missingPackages(wanted, wanted, 'x64'), [])
})

test('missingPackages() wants of the optional packages those of this machine, and no links', () => {
  const wanted = {
    'node_modules/a-linux-x64': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    'node_modules/a-linux-arm64': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['arm64'] },
    'node_modules/a-linux-x64-musl': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    'node_modules/a-darwin-x64': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['x64'] },
    'node_modules/@slipway/core': { link: true },
  }
  assert.deepEqual(missingPackages(wanted, {}, 'x64'), ['a-linux-x64'])
  assert.deepEqual(missingPackages(wanted, {}, 'arm64'), ['a-linux-arm64'])
})

test('package-lock.json names every optional package, also those of other systems: npm ci refuses it otherwise', async () => {
  const lock = JSON.parse(await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8'))
  const packages = /** @type {Record<string, { optionalDependencies?: Record<string, string> }>} */ (lock.packages)
  const named = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  assert.ok(named.length > 0)
  assert.deepEqual(
    named.filter((name) => packages[`node_modules/${name}`] === undefined),
    [],
  )
})
