import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRequest, dateOf, processRequest, stateResponse, waitResponse } from './messages.ts'

test('messages have the wire form that protobuf says', () => {
  assert.deepEqual(Buffer.from(processRequest.encode({ id: 'a', execId: 'bc' })), Buffer.from('0a016112026263', 'hex'))
  const request = createRequest.encode({ id: 'a', terminal: true, options: { typeUrl: 't', value: Buffer.from([7]) } })
  assert.deepEqual(Buffer.from(request), Buffer.from('0a01612001' + '52060a0174120107', 'hex'))
})

test('zero values are not written, and absent ones read as zero', () => {
  assert.equal(stateResponse.encode({ id: '', pid: 0 }).length, 0)
  assert.deepEqual(stateResponse.decode(new Uint8Array()), {
    id: '',
    bundle: '',
    pid: 0,
    status: 0,
    exitStatus: 0,
    exitedAt: undefined,
    execId: '',
  })
})

test('fields that are not known are skipped, and times survive', () => {
  const known = waitResponse.encode({ exitStatus: 137, exitedAt: { seconds: 1_800_000_000, nanos: 250_000_000 } })
  const unknown = Buffer.from('9a060161' + 'a00605', 'hex')
  const { exitStatus, exitedAt } = waitResponse.decode(Buffer.concat([unknown, known]))
  assert.equal(exitStatus, 137)
  assert.equal(dateOf(exitedAt).toISOString(), '2027-01-15T08:00:00.250Z')
})
