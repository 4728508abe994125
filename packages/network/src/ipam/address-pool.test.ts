import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AddressPool } from './address-pool.ts'

test('the gateway has the first address, and containers the next ones', () => {
  const pool = new AddressPool({ subnet: '172.17.0.0/16' })
  assert.equal(pool.gateway, '172.17.0.1')
  assert.deepEqual([pool.allocate(), pool.allocate(), pool.allocate()], ['172.17.0.2', '172.17.0.3', '172.17.0.4'])
})

test('an address that was given back is the next to be given out', () => {
  const pool = new AddressPool({ subnet: '172.17.0.0/16' })
  const [first] = [pool.allocate(), pool.allocate(), pool.allocate()]
  pool.release(first)
  pool.release(first)
  assert.equal(pool.allocate(), '172.17.0.2')
  assert.equal(pool.allocate(), '172.17.0.5')
})

test('the records of a former life are stepped over', () => {
  const pool = new AddressPool({ subnet: '10.9.0.0/24', gateway: '10.9.0.254', reserved: ['10.9.0.1', '10.9.0.3'] })
  assert.deepEqual([pool.allocate(), pool.allocate()], ['10.9.0.2', '10.9.0.4'])
})

test('reserve() takes one address once, and only within the subnet', () => {
  const pool = new AddressPool({ subnet: '10.9.0.0/24' })
  pool.reserve('10.9.0.2')
  assert.throws(() => pool.reserve('10.9.0.2'), { code: 'forbidden', message: 'Address already in use' })
  assert.throws(() => pool.reserve('10.9.0.1'), { code: 'forbidden' })
  assert.throws(() => pool.reserve('10.8.0.2'), { code: 'invalid' })
  assert.equal(pool.allocate(), '10.9.0.3')
})

test('the gateway is never given out, not even after it was released', () => {
  const pool = new AddressPool({ subnet: '10.9.0.0/30' })
  pool.release(pool.gateway)
  assert.equal(pool.allocate(), '10.9.0.2')
  assert.throws(() => pool.allocate(), {
    code: 'unavailable',
    message: "no available IPv4 addresses on this network's address pools",
  })
})

test('a range limits what is given out, and must lie in the subnet', () => {
  const pool = new AddressPool({ subnet: '10.9.0.0/24', range: '10.9.0.128/30' })
  const all = [pool.allocate(), pool.allocate(), pool.allocate(), pool.allocate()]
  assert.deepEqual(all, ['10.9.0.128', '10.9.0.129', '10.9.0.130', '10.9.0.131'])
  assert.throws(() => pool.allocate(), { code: 'unavailable' })
  assert.throws(() => new AddressPool({ subnet: '10.9.0.0/24', range: '10.9.1.0/28' }), { code: 'invalid' })
  assert.throws(() => new AddressPool({ subnet: '10.9.0.0/24', gateway: '10.8.0.1' }), { code: 'invalid' })
})

test('an IPv6 subnet has no broadcast, and its size is no matter', () => {
  const pool = new AddressPool({ subnet: 'fd00:1::/64' })
  assert.equal(pool.gateway, 'fd00:1::1')
  assert.equal(pool.allocate(), 'fd00:1::2')
})

test('allocate() gives the lowest free address, whatever came before', () => {
  const step = fc.oneof(fc.constant('allocate' as const), fc.integer({ min: 2, max: 14 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pool = new AddressPool({ subnet: '10.9.0.0/28' })
      const taken = new Set<number>()
      for (const one of steps) {
        if (one !== 'allocate') {
          pool.release(`10.9.0.${one}`)
          taken.delete(one)
          continue
        }
        const lowest = Array.from({ length: 13 }, (_, index) => index + 2).find((host) => !taken.has(host))
        if (lowest === undefined) assert.throws(() => pool.allocate())
        else assert.equal(pool.allocate(), `10.9.0.${lowest}`)
        if (lowest !== undefined) taken.add(lowest)
      }
    }),
  )
})
