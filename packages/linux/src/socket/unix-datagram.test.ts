import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { UnixDatagram } from './unix-datagram.ts'

test('a datagram arrives whole, and a full receiver takes no more', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-dgram-'))
  t.after(() => rm(directory, { recursive: true }))
  const path = join(directory, 'socket')
  assert.throws(() => UnixDatagram.connect(path), { code: 'ENOENT' })
  using receiver = UnixDatagram.listen(path)
  using sender = UnixDatagram.connect(path)
  assert.equal(receiver.receive(), undefined)
  assert.equal(sender.send(Buffer.from('one\ntwo')), true)
  assert.equal(sender.send(Buffer.from([0, 1])), true)
  assert.equal(receiver.receive()?.toString(), 'one\ntwo')
  assert.deepEqual(receiver.receive(), Buffer.from([0, 1]))

  let sent = 0
  while (sender.send(Buffer.from(String(sent)))) sent += 1
  assert.equal(receiver.receive()?.toString(), '0')
  receiver[Symbol.dispose]()
  assert.throws(() => sender.send(Buffer.from('gone')), { code: 'ECONNREFUSED' })
  assert.throws(() => UnixDatagram.connect('x'.repeat(200)), { code: 'invalid' })
})
