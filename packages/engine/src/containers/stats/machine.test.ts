import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInterfaces, parseSystemCpu } from './machine.ts'

test('parseSystemCpu() adds up the time of all CPUs, without what guests used twice', () => {
  const text = 'cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 1\n'
  assert.equal(parseSystemCpu(text), 280 * 10_000_000)
})

test('parseInterfaces() reads /proc/net/dev, also where a number touches the colon', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0:123456789      12    1    2    0     0          0         0      656       8    3    4    0     0       0          0
`
  assert.deepEqual(parseInterfaces(text), {
    eth0: {
      rx_bytes: 123456789,
      rx_packets: 12,
      rx_errors: 1,
      rx_dropped: 2,
      tx_bytes: 656,
      tx_packets: 8,
      tx_errors: 3,
      tx_dropped: 4,
    },
  })
})
