import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { SlipwayError } from '@slipway/core'
import { openHarbour } from '../testing/harbour.ts'
import { bootstrapImage } from './bootstrap.ts'
import { run } from './run.ts'

test('bootstrapImage() knows a few names only', async () => {
  await using harbour = await openHarbour()
  for (const name of ['alpine', 'quay.io/debian:bookworm', 'debian:../etc', 'debian']) {
    await assert.rejects(bootstrapImage(harbour.room, { name, report: harbour.report }), { code: 'invalid' }, name)
  }
})

test('run() ends with the last words of a program that fails', async () => {
  await using harbour = await openHarbour()
  const program = join(harbour.root, 'program')
  await writeFile(program, '#!/bin/sh\necho out\necho "E: no such suite" >&2\nexit 3\n')
  await chmod(program, 0o755)
  const lines: string[] = []
  await assert.rejects(Array.fromAsync(run(program, [], { onLine: (line) => lines.push(line) })), (error) => {
    assert.ok(error instanceof SlipwayError)
    assert.equal(error.message, `${program} failed: E: no such suite`)
    return true
  })
  assert.deepEqual(lines, ['E: no such suite'])
})
