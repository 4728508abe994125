import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allAssigned, assign, assignedSince, assignedTo, startAssignments } from './assignments.ts'

test('a value takes the place of the older one; what was there before stays as it was', () => {
  const first = assign(startAssignments([['a', 1]]), [['b', 2]])
  const second = assign(first, [
    ['a', 3],
    ['c', 4],
  ])
  assert.deepEqual(allAssigned(first), [
    ['a', 1],
    ['b', 2],
  ])
  assert.deepEqual(allAssigned(second), [
    ['a', 3],
    ['b', 2],
    ['c', 4],
  ])
  assert.deepEqual([assignedTo(first, 'a')?.[1], assignedTo(second, 'a')?.[1]], [1, 3])
  assert.equal(assignedTo(first, 'c'), undefined)
})

test('two ways on from the same one know nothing of each other', () => {
  const base = assign<string>(undefined, [['a', 'base']])
  const one = assign(base, [['b', 'one']])
  const other = assign(base, [['a', 'other']])
  const further = assign(assign(other, [['c', 'further']]), [['a', 'again']])
  assert.deepEqual([assignedTo(one, 'a')?.[1], assignedTo(one, 'b')?.[1]], ['base', 'one'])
  assert.deepEqual(allAssigned(other), [['a', 'other']])
  assert.deepEqual(allAssigned(further), [
    ['a', 'again'],
    ['c', 'further'],
  ])
  assert.equal(assignedTo(further, 'b'), undefined)
  assert.deepEqual(assignedSince(base, one), [['b', 'one']])
  assert.deepEqual(assignedSince(base, other), [['a', 'other']])
  assert.deepEqual(assignedSince(base, base), [])
})

test('a name that was there twice: the first is replaced, and the last is seen', () => {
  const twice = startAssignments([
    ['a', 1],
    ['a', 2],
  ])
  const changed = assign(twice, [['a', 3]])
  assert.equal(assignedTo(changed, 'a')?.[1], 2)
  assert.equal(assignedTo(assign(twice, [['a', 4]]), 'a')?.[1], 2)
  assert.deepEqual(allAssigned(changed), [
    ['a', 3],
    ['a', 2],
  ])
})

test('thousands of states share one log: none has a list of its own', () => {
  const count = 100_000
  const states = [assign<number>(undefined, [['n0', 0]])]
  for (let at = 1; at < count; at += 1) states.push(assign(states.at(-1), [[`n${at}`, at]]))
  assert.equal(new Set(states.map(({ log }) => log.items)).size, 1)
  assert.equal(states.at(-1)?.log.items.length, count)
  assert.equal(allAssigned(states[499]).length, 500)
  assert.equal(assignedTo(states[499], 'n500'), undefined)
})
