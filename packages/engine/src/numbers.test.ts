import assert from 'node:assert/strict'
import { test } from 'node:test'
import { momentOf, untilFilter } from './moment.ts'
import { integer, parseGoDuration, terminalSide } from './numbers.ts'

test('parseGoDuration() reads what Go writes, and nothing else', () => {
  for (const [text, milliseconds] of [
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['2us', 0.002],
  ] as const) {
    assert.equal(parseGoDuration(text), milliseconds)
  }
  for (const text of ['', '10', 'm', '1 h', '1h x', '-1h', '1d']) assert.equal(parseGoDuration(text), undefined)
})

test('momentOf() takes durations, times and seconds', () => {
  const before = Date.now()
  const moment = momentOf('10m') ?? 0
  assert.ok(before <= moment + 600_000 && moment + 600_000 <= Date.now())
  assert.equal(momentOf('2024-01-02T03:04:05Z'), Date.UTC(2024, 0, 2, 3, 4, 5))
  assert.equal(momentOf('1700000000.5'), 1_700_000_000_500)
  assert.equal(momentOf('1.2.3'), undefined)
})

test('what is no number or time is refused in the words of Go', () => {
  assert.throws(() => integer('Atoi', 'x'), { message: 'strconv.Atoi: parsing "x": invalid syntax', code: 'invalid' })
  assert.throws(() => integer('Atoi', '9'.repeat(30)), { message: /value out of range$/ })
  assert.throws(() => integer('ParseUint', '-1'), { message: 'strconv.ParseUint: parsing "-1": invalid syntax' })
  assert.throws(() => terminalSide('height', ''), { message: 'invalid resize height "": invalid syntax' })
  assert.throws(() => terminalSide('width', '-1'), { message: 'invalid resize width "-1": value out of range' })
  assert.throws(() => untilFilter(['1h', '2h']), { message: 'more than one until filter specified' })
})
