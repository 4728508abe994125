import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMountInfo } from '@slipway/linux'
import { mountOf, propagationProblem } from './propagation.ts'

const mounts = parseMountInfo(`20 1 8:1 / / rw - ext4 /dev/sda1 rw
21 20 8:2 / /srv rw shared:1 - ext4 /dev/sda2 rw
22 21 8:3 / /srv/below rw master:1 - ext4 /dev/sda3 rw
23 20 8:4 / /srv2 rw - ext4 /dev/sda4 rw
`)

test('mountOf() finds the nearest mount above a path', () => {
  assert.equal(mountOf('/srv/below/x', mounts)?.id, 22)
  assert.equal(mountOf('/srv', mounts)?.id, 21)
  assert.equal(mountOf('/srv2/x', mounts)?.id, 23)
  assert.equal(mountOf('/srvother', mounts)?.id, 20)
})

test("propagationProblem() is told in docker's words", () => {
  assert.equal(propagationProblem('/srv/x', 'rshared', mounts), undefined)
  assert.equal(propagationProblem('/srv/below', 'rslave', mounts), undefined)
  assert.equal(propagationProblem('/home', 'rprivate', mounts), undefined)
  assert.equal(
    propagationProblem('/home/x', 'shared', mounts),
    'path /home/x is mounted on / but it is not a shared mount',
  )
  assert.equal(
    propagationProblem('/srv/below/x', 'rshared', mounts),
    'path /srv/below/x is mounted on /srv/below but it is not a shared mount',
  )
  assert.equal(
    propagationProblem('/srv2', 'slave', mounts),
    'path /srv2 is mounted on /srv2 but it is not a shared or slave mount',
  )
})
