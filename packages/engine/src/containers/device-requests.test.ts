import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDeviceRequests } from './device-requests.ts'

test('a device that a driver would have to give is refused, with what was asked for', () => {
  checkDeviceRequests({})
  checkDeviceRequests({ DeviceRequests: [] })
  const gpu = { Driver: '', Count: -1, Capabilities: [['gpu']] }
  assert.throws(() => checkDeviceRequests({ DeviceRequests: [gpu] }), {
    code: 'invalid',
    message: 'could not select device driver "" with capabilities: [[gpu]]',
  })
  const compute = { Driver: 'nvidia', Capabilities: [['compute', 'gpu'], ['x']] }
  assert.throws(() => checkDeviceRequests({ DeviceRequests: [compute] }), {
    message: 'could not select device driver "nvidia" with capabilities: [[compute gpu] [x]]',
  })
})
