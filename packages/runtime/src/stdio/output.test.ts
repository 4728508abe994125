import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensureFifo, openFifoReader } from './fifo.ts'

/** Someone who writes `script`'s output into a FIFO, and our end of it. */
const openWritten = async (script: string) => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-output-'))
  const path = join(directory, 'stdout')
  ensureFifo(path)
  const end = openFifoReader(path)
  const writer = spawn('sh', ['-c', `exec >"$0"; ${script}`, path], { stdio: 'ignore' })
  writer.once('exit', end.release)
  return {
    output: end.stream,
    [Symbol.asyncDispose]: async () => {
      writer.kill()
      end.close()
      await rm(directory, { recursive: true })
    },
  }
}

const script = 'i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); done'
const whole = Array.from({ length: 30_000 }, (_, line) => `line ${line}\n`).join('')
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

test('read() hands over everything, in a buffer that is used again, and ends with the writers', async () => {
  await using written = await openWritten(script)
  const { output } = written
  const hash = createHash('sha256')
  const buffers = new Set<ArrayBufferLike>()
  let pieces = 0
  await output.read((bytes) => {
    hash.update(bytes)
    buffers.add(bytes.buffer)
    pieces += 1
    if (pieces % 3 !== 0) return
    output.pause()
    setImmediate(output.resume)
  })
  assert.equal(hash.digest('hex'), digestOf(whole))
  assert.equal(buffers.size, 1)
})

test('stream() gives pieces to keep', async () => {
  await using written = await openWritten(script)
  const pieces: Buffer[] = []
  for await (const piece of written.output.stream()) pieces.push(piece as Buffer)
  assert.equal(digestOf(Buffer.concat(pieces).toString()), digestOf(whole))
})

test('an output is read in one way', async () => {
  await using written = await openWritten('exec sleep 100')
  const { output } = written
  const over = output.read(() => undefined)
  assert.throws(() => output.stream(), /in one way/)
  output.close()
  await over
})

test('close() without a reader gives the descriptor back', async () => {
  await using written = await openWritten('true')
  written.output.close()
  await assert.rejects(async () => written.output.read(() => undefined), /in one way/)
})
