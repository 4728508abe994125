import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseExpose, parsePublish } from './port.ts'

/** `port ip|host` for each binding. */
const rows: readonly (readonly [text: string, bindings: readonly string[]])[] = [
  ['80', ['80/tcp |']],
  ['8080:80', ['80/tcp |8080']],
  [':80', ['80/tcp |']],
  ['8080:80/udp', ['80/udp |8080']],
  ['8080:80/TCP', ['80/tcp |8080']],
  ['127.0.0.1:8080:80', ['80/tcp 127.0.0.1|8080']],
  ['127.0.0.1::53/udp', ['53/udp 127.0.0.1|']],
  ['[::1]:8080:80', ['80/tcp ::1|8080']],
  ['::1:8080:80', ['80/tcp ::1|8080']],
  ['[fe80::1]::80', ['80/tcp fe80::1|']],
  ['8000-8002', ['8000/tcp |', '8001/tcp |', '8002/tcp |']],
  ['9000-9002:80-82', ['80/tcp |9000', '81/tcp |9001', '82/tcp |9002']],
  ['9000-9010:80', ['80/tcp |9000-9010']],
  ['127.0.0.1:9000-9001:1-2/sctp', ['1/sctp 127.0.0.1|9000', '2/sctp 127.0.0.1|9001']],
  ['published=8080,target=80', ['80/tcp |8080']],
  ['published=8080,target=80,protocol=udp', ['80/udp |8080']],
  ['target=80', ['80/tcp |']],
]

test('parsePublish() reads every form of -p', () => {
  for (const [text, bindings] of rows) {
    const shown = parsePublish(text).map(({ port, binding }) => `${port} ${binding.HostIp}|${binding.HostPort}`)
    assert.deepEqual(shown, bindings, text)
  }
})

const mistakes: readonly (readonly [text: string, message: string])[] = [
  ['abc', 'invalid containerPort: abc'],
  ['80:abc', 'invalid containerPort: abc'],
  ['abc:80', 'invalid hostPort: abc'],
  ['99999', 'invalid containerPort: 99999'],
  ['82-80', 'invalid containerPort: 82-80'],
  ['80:80/foo', 'invalid proto: foo'],
  ['1.2.3:80:80', 'invalid IP address: 1.2.3'],
  ['x:y:z:80', 'invalid IP address: x:y'],
  ['80:', 'no port specified: 80:<empty>'],
  ['80-81:80-85', 'invalid ranges specified for container and host Ports: 80-85 and 80-81'],
]

test("parsePublish() refuses in docker's words", () => {
  for (const [text, message] of mistakes) assert.throws(() => parsePublish(text), { message, exitCode: 125 }, text)
})

test('parseExpose() reads ports and ranges', () => {
  assert.deepEqual(parseExpose('80'), ['80/tcp'])
  assert.deepEqual(parseExpose('90-92/udp'), ['90/udp', '91/udp', '92/udp'])
  assert.throws(() => parseExpose('80:80'), /invalid port format for --expose/)
  assert.throws(() => parseExpose('x'), /invalid range format for --expose: x/)
})
