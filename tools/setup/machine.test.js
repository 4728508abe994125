import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from './machine.js'

const bookworm = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'
const machine = { platform: 'linux', arch: 'x64', node: '20.19.0', release: bookworm }

test('refusal() lets Debian 12 and newer, its unstable, and its derivatives pass', () => {
  const derivative = 'ID=raspbian\nID_LIKE=debian\nVERSION_ID="11"\n'
  for (const release of [bookworm, 'ID=debian\nVERSION_ID="13"\n', 'ID=debian\n', derivative]) {
    assert.equal(refusal({ ...machine, release }), undefined)
  }
})

test('refusal() names what is wrong with a machine', () => {
  const cases = [
    { change: { release: 'ID=fedora\nPRETTY_NAME="Fedora Linux 42"\n' }, says: /this is Fedora Linux 42/ },
    {
      change: { release: 'ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian 11"\n' },
      says: /12 or newer .* this is Debian 11/,
    },
    { change: { release: '' }, says: /without \/etc\/os-release/ },
    { change: { platform: 'darwin' }, says: /needs Linux, and this is darwin/ },
    { change: { arch: 'riscv64' }, says: /this is riscv64/ },
    { change: { node: '18.20.4' }, says: /Node 20 or newer is needed, and this is 18\.20\.4/ },
  ]
  for (const { change, says } of cases) assert.match(refusal({ ...machine, ...change }) ?? '', says)
})
