import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { bootId } from './boot.ts'
import { clampOpenFiles, hardLimitOfOpenFiles, openFilesLimit } from './limit.ts'

test('openFilesLimit() says what /proc says', () => {
  const [, soft, hard] = /^Max open files +(\S+) +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  const count = (text: string | undefined) => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text))
  assert.deepEqual(openFilesLimit(), { soft: count(soft), hard: count(hard) })
})

test('clampOpenFiles() keeps to the hard limit', () => {
  assert.equal(clampOpenFiles(16), 16)
  assert.equal(clampOpenFiles(Number.POSITIVE_INFINITY), hardLimitOfOpenFiles())
})

test('bootId() is a UUID', () => {
  assert.match(bootId(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
})
