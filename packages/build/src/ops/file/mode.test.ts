import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMode } from './mode.ts'

const octal = (text: string): number => Number.parseInt(text, 8)

const rows: readonly (readonly [change: string, before: string, after: string, isDirectory?: true])[] = [
  ['644', '755', '644'],
  ['0644', '755', '644'],
  ['4755', '644', '4755'],
  ['07777', '0', '7777'],
  ['u+x', '644', '744'],
  ['+x', '644', '755'],
  ['a-w', '666', '444'],
  ['go-rwx', '777', '700'],
  ['u=rw,go=r', '777', '644'],
  ['u=rwX,go=rX', '600', '644'],
  ['u=rwX,go=rX', '700', '755'],
  ['u=rwX,go=rX', '600', '755', true],
  ['g=u', '640', '660'],
  ['o=g', '750', '755'],
  ['u+s', '755', '4755'],
  ['g+s', '755', '2755'],
  ['+t', '777', '1777'],
  ['u-s', '4755', '755'],
  ['u=rx', '4755', '555'],
  ['u=rw+x', '0', '700'],
  ['go=', '777', '700'],
]

test('parseMode() reads octal and symbolic modes', () => {
  for (const [change, before, after, isDirectory = false] of rows) {
    assert.equal(parseMode(change)(octal(before), isDirectory).toString(8), octal(after).toString(8), change)
  }
})

test('parseMode() refuses what is no mode', () => {
  for (const text of ['', '9', '77777', '10000', 'u', 'x+r', 'u~x', 'u+x,', '-1', '0x1']) {
    assert.throws(() => parseMode(text), {
      message: /^\d/.test(text)
        ? `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`
        : 'invalid syntax',
    })
  }
})
