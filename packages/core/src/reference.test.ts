import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  familiarName,
  familiarRepository,
  formatReference,
  isRepositoryName,
  isTag,
  parseReference,
  withDefaultTag,
} from './reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

/** What a person types, and what it stands for. */
const names: readonly (readonly [typed: string, full: string, familiar: string])[] = [
  ['alpine', 'docker.io/library/alpine:latest', 'alpine:latest'],
  ['alpine:3', 'docker.io/library/alpine:3', 'alpine:3'],
  ['user/web', 'docker.io/user/web:latest', 'user/web:latest'],
  ['docker.io/alpine', 'docker.io/library/alpine:latest', 'alpine:latest'],
  ['docker.io/library/alpine', 'docker.io/library/alpine:latest', 'alpine:latest'],
  ['index.docker.io/user/web', 'docker.io/user/web:latest', 'user/web:latest'],
  ['localhost/web', 'localhost/web:latest', 'localhost/web:latest'],
  ['localhost:5000/web:v1', 'localhost:5000/web:v1', 'localhost:5000/web:v1'],
  ['127.0.0.1:5000/user/web:v1', '127.0.0.1:5000/user/web:v1', '127.0.0.1:5000/user/web:v1'],
  ['[::1]:5000/web', '[::1]:5000/web:latest', '[::1]:5000/web:latest'],
  ['registry.example/a/b/c', 'registry.example/a/b/c:latest', 'registry.example/a/b/c:latest'],
  [`alpine@${digest}`, `docker.io/library/alpine@${digest}`, `alpine@${digest}`],
  [`alpine:3@${digest}`, `docker.io/library/alpine:3@${digest}`, `alpine:3@${digest}`],
  ['a_b/c__d-e.f', 'docker.io/a_b/c__d-e.f:latest', 'a_b/c__d-e.f:latest'],
]
for (const [typed, full, familiar] of names) {
  test(`parseReference() reads ${typed}`, () => {
    const reference = withDefaultTag(parseReference(typed))
    assert.equal(formatReference(reference), full)
    assert.equal(familiarName(reference), familiar)
    assert.deepEqual(parseReference(full), reference)
  })
}

const bad = [
  '',
  ':tag',
  'a:',
  'a@',
  'a@sha256:12',
  '/a',
  'a/',
  'a//b',
  '-a',
  'a-',
  'a..b',
  'a___b',
  'a b',
  'a:b c',
  `a:${'x'.repeat(129)}`,
  'a'.repeat(256),
  'f'.repeat(64),
  'host:port/a',
  'a\n',
]
for (const text of bad) {
  test(`parseReference() refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.throws(() => parseReference(text), { code: 'invalid' })
  })
}

test('parseReference() says that a repository must be lowercase', () => {
  assert.throws(() => parseReference('localhost:5000/Web'), { message: /repository name \(Web\) must be lowercase/ })
})

test('familiarRepository() keeps what is not official as it is', () => {
  assert.equal(familiarRepository(parseReference('docker.io/library/a/b')), 'library/a/b')
})

test('any text is a reference that reads itself back, or invalid', () => {
  const alphabet = fc.constantFrom(...'abz09._-/:@[]ABsha256')
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 40 }), (text) => {
      try {
        const reference = parseReference(text)
        assert.ok(isRepositoryName(reference.repository))
        assert.ok(reference.tag === undefined || isTag(reference.tag))
        assert.deepEqual(parseReference(formatReference(reference)), reference)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'invalid', String(error))
      }
    }),
  )
})
