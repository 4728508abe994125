import assert from 'node:assert/strict'
import { test } from 'node:test'
import { excerpt } from './excerpt.ts'

const text = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join('\n')
const numbers = (first: number, last = first): readonly string[] =>
  excerpt({ filename: 'D', text }, [{ first, last }])
    .split('\n')
    .slice(2, -2)
    .map((line) => line.slice(0, 10).trim())

test('excerpt() marks the lines that are meant, with some around them', () => {
  assert.equal(
    excerpt({ filename: 'Dockerfile', text: 'FROM a\nRUN b\n' }, [{ first: 2, last: 2 }]),
    'Dockerfile:2\n--------------------\n   1 |     FROM a\n   2 | >>> RUN b\n   3 |     \n--------------------\n',
  )
  assert.deepEqual(numbers(6), ['4 |', '5 |', '6 | >>>', '7 |', '8 |'])
  assert.deepEqual(numbers(5, 7), ['4 |', '5 | >>>', '6 | >>>', '7 | >>>', '8 |'])
  assert.deepEqual(numbers(1), ['1 | >>>', '2 |', '3 |'])
})

test('excerpt() shows nothing of lines that are not there', () => {
  assert.deepEqual(numbers(13), [])
  assert.equal(excerpt({ filename: 'D', text }, []), '')
  assert.equal(excerpt({ filename: 'D', text }, [{ first: 0, last: 0 }]), '')
})
