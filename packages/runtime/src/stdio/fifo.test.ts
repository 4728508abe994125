import assert from 'node:assert/strict'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { test } from 'node:test'
import { ensureFifo, openFifoWriter } from './fifo.ts'

test('what is written before the other end is opened is there for it, and the end after it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-fifo-'))
  try {
    const path = join(directory, 'stdin')
    ensureFifo(path)
    const end = openFifoWriter(path)
    end.release()
    end.stream.end('all of it')
    await finished(end.stream)
    const late = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const bytes = Buffer.alloc(64)
    assert.equal(bytes.toString('utf8', 0, readSync(late, bytes)), 'all of it')
    assert.equal(readSync(late, bytes), 0)
    end.close()
    closeSync(late)
  } finally {
    await rm(directory, { recursive: true })
  }
})
