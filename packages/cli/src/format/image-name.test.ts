import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fullName } from './image-name.ts'

test('fullName() writes a name out', () => {
  assert.equal(fullName('alpine'), 'docker.io/library/alpine:latest')
  assert.equal(fullName('user/web:v1'), 'docker.io/user/web:v1')
  assert.equal(fullName('localhost/x'), 'localhost/x:latest')
  assert.equal(fullName('127.0.0.1:5000/x/y:1'), '127.0.0.1:5000/x/y:1')
  assert.equal(fullName('alpine@sha256:abc'), 'docker.io/library/alpine@sha256:abc')
  assert.equal(fullName('alpine', { latest: false }), 'docker.io/library/alpine')
})
