import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bothCases, proxiesFor } from './proxies.ts'

const file = {
  proxies: {
    default: { httpProxy: 'http://p:3128', noProxy: 'localhost,.example', ftpProxy: '' },
    'unix:///run/other.sock': { allProxy: 'socks5://q' },
  },
}

test('an engine has proxies of its own, or those for all others, and never a mixture', () => {
  assert.deepEqual(
    [...proxiesFor(file, 'unix:///run/docker.sock')],
    [
      ['HTTP_PROXY', 'http://p:3128'],
      ['NO_PROXY', 'localhost,.example'],
    ],
  )
  assert.deepEqual([...proxiesFor(file, 'unix:///run/other.sock')], [['ALL_PROXY', 'socks5://q']])
  assert.equal(proxiesFor({}, 'default').size, 0)
  assert.equal(proxiesFor({ proxies: {} }, 'toString').size, 0)
})

test('what is given otherwise stays, by the exact name', () => {
  assert.deepEqual(bothCases(new Map([['HTTP_PROXY', 'p']]), new Set(['HTTP_PROXY'])), [['http_proxy', 'p']])
})
