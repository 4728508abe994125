import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode, hasErrno, messageOf, notFound, SlipwayError } from './errors.ts'
import { jsonLogger } from './logger.ts'

test('notFound() speaks docker’s words', () => {
  const error = notFound('container', 'web')
  assert.equal(error.message, 'No such container: web')
  assert.ok(hasCode(error, 'not-found') && !hasCode(error, 'conflict'))
})

test('hasCode() isn’t fooled by an errno of the same name, nor by what is no error', () => {
  assert.equal(hasCode(Object.assign(new Error('x'), { code: 'invalid' }), 'invalid'), false)
  assert.equal(hasCode({ code: 'invalid', name: 'SlipwayError' }, 'invalid'), false)
  assert.equal(hasErrno(Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT'), true)
})

test('messageOf() finds words in anything thrown', () => {
  assert.equal(messageOf(new SlipwayError('internal', 'gone')), 'gone')
  assert.equal(messageOf('text'), 'text')
})

test('jsonLogger() writes a line of JSON for each event at its level or above', () => {
  const lines: string[] = []
  const logger = jsonLogger((line) => lines.push(line), 'warn')
  logger.info({}, 'quiet')
  logger.warn({ containerId: 'x', error: new Error('why') }, 'loud\nnews')
  assert.equal(lines.length, 1)
  const { level, message, containerId, error } = JSON.parse(lines[0] ?? '')
  assert.deepEqual([level, message, containerId], ['warn', 'loud\nnews', 'x'])
  assert.match(error, /why/)
})

test('jsonLogger() tells what an error was caused by, also where causes go round', () => {
  const lines: string[] = []
  const logger = jsonLogger((line) => lines.push(line))
  const inner = new TypeError('connect ECONNREFUSED')
  inner.cause = inner
  logger.error({ error: new Error('the storage does not answer', { cause: inner }) }, 'request failed')
  const { error } = JSON.parse(lines[0] ?? '') as { error: string }
  assert.match(error, /^Error: the storage does not answer\n\s+at /)
  assert.equal(error.match(/\ncaused by TypeError: connect ECONNREFUSED/g)?.length, 5)
})
