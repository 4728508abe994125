import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatherListing } from './listing.ts'

const listingOf = (files: Readonly<Record<string, string>>) => {
  const listing = gatherListing()
  for (const [path, record] of Object.entries(files)) listing.add(path, record)
  return listing.end()
}

const many = (count: number, changed?: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`src/part${index % 7}/file${index}`, index === changed ? 'x' : '']),
  )

test('a few files are told one by one', () => {
  const before = listingOf({ a: '1', 'b/c': '2' })
  const after = listingOf({ a: '1', 'b/c': '3' })
  assert.deepEqual(Object.keys(before), ['a', 'b/c'])
  assert.equal(before['a'], after['a'])
  assert.notEqual(before['b/c'], after['b/c'])
})

test('of many files their directories are told', () => {
  for (const count of [5000, 60_000]) {
    const before = listingOf(many(count))
    const after = listingOf(many(count, 15))
    assert.equal(Object.keys(before).length, 7)
    const changed = Object.keys(before).filter((path) => before[path] !== after[path])
    assert.deepEqual(changed, ['src/part1/'])
  }
})

test('it stays small, whatever the names are', () => {
  const deep = listingOf({ [`${'d/'.repeat(2000)}f`]: '' })
  assert.deepEqual(Object.keys(deep), [`${'d/'.repeat(12)}`])
  const long = listingOf(
    Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`${index}${'n'.repeat(200)}`, ''])),
  )
  assert.deepEqual(Object.keys(long), ['/'])
})
