import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remedyFor } from './apt.js'
import { isOffline } from './offline.js'

test('remedyFor() lets dpkg finish what was interrupted', () => {
  const output = "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. "
  assert.equal(remedyFor(output), 'configure')
  assert.equal(remedyFor(output.replace('dpkg --', 'sudo dpkg --')), 'configure')
})

test('remedyFor() waits for another apt', () => {
  const output =
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt-get)\n' +
    'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?'
  assert.equal(remedyFor(output), 'wait')
})

test('remedyFor() knows nothing against a package that does not exist', () => {
  assert.equal(remedyFor('E: Unable to locate package containerd'), undefined)
})

test('isOffline() tells a missing network from other failures', () => {
  const offline = [
    'npm error code EAI_AGAIN\nnpm error network request to https://registry.npmjs.org/jose failed',
    "Err:1 http://deb.debian.org/debian bookworm InRelease\n  Temporary failure resolving 'deb.debian.org'",
    'Cannot initiate the connection to deb.debian.org:80 (2a04:4e42::644). - connect (101: Network is unreachable)',
  ]
  for (const output of offline) assert.equal(isOffline(output), true)
  assert.equal(isOffline('npm error code EACCES'), false)
  assert.equal(isOffline("E: You don't have enough free space in /var/cache/apt/archives/."), false)
})
