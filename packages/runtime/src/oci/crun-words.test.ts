import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inRuncsWords } from './crun-words.ts'

for (const [crun, runc] of [
  [
    'executable file `nope` not found in $PATH: No such file or directory',
    'unable to start container process: exec: "nope": executable file not found in $PATH',
  ],
  [
    'executable file `/nope` not found in $PATH: No such file or directory',
    'unable to start container process: exec: "/nope": stat /nope: no such file or directory',
  ],
  ['open executable: Operation not permitted', 'unable to start container process: exec: permission denied'],
  [
    'chdir `/nope`: No such file or directory',
    'unable to start container process: chdir to cwd ("/nope") set in config.json failed: no such file or directory',
  ],
  ['chdir `/file`: Not a directory', 'chdir `/file`: not a directory'],
  ['exec: "x": executable file not found in $PATH', 'exec: "x": executable file not found in $PATH'],
] as const) {
  test(`crun’s “${crun}” in runc’s words`, () =>
    assert.equal(inRuncsWords(`OCI runtime create failed: ${crun}`), `OCI runtime create failed: ${runc}`))
}

test('what failed of an exec is named as runc does, once', () => {
  const said = 'OCI runtime exec failed: exec failed: unable to start container process: exec: permission denied'
  assert.equal(inRuncsWords('OCI runtime exec failed: open executable: Permission denied'), said)
  assert.equal(inRuncsWords(said), said)
})
