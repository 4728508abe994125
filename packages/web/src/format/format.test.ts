import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutAnsi } from './ansi.ts'
import { sinceText } from './since.ts'
import { sizeText } from './size.ts'

test('sizeText() says bytes in powers of 1000, with three digits', () => {
  assert.deepEqual([0, 999, 1000, 46_321_000, 1_500_000_000, -1].map(sizeText), [
    '0 B',
    '999 B',
    '1 kB',
    '46.3 MB',
    '1.5 GB',
    '0 B',
  ])
})

test('sinceText() says how long ago, in the language of the page', () => {
  const now = 1_800_000_000_000
  const ago = (seconds: number, language: string): string =>
    sinceText(now - seconds * 1000, now, { language, justNow: 'just now' })
  assert.equal(ago(2, 'en'), 'just now')
  assert.equal(ago(30, 'en'), '30 seconds ago')
  assert.equal(ago(7200, 'en'), '2 hours ago')
  assert.equal(ago(7200, 'zh'), '2小时前')
})

test('withoutAnsi() leaves the words', () => {
  assert.equal(withoutAnsi('\u001b[1;31mred\u001b[0m \u001b]0;title\u0007plain\u001bM'), 'red plain')
})
