import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PortSummary } from '@slipway/client'
import { showPorts } from './ports.ts'

const port = (text: string): PortSummary => {
  const [, IP = '', PublicPort = '', PrivatePort = '', Type = ''] = /^(?:(.*)\|(\d+)>)?(\d+)\/(\w+)$/.exec(text) ?? []
  return {
    PrivatePort: Number(PrivatePort),
    Type: Type as PortSummary['Type'],
    ...(IP === '' ? {} : { IP, PublicPort: Number(PublicPort) }),
  }
}

const rows: readonly (readonly [ports: readonly string[], shown: string])[] = [
  [[], ''],
  [['80/tcp'], '80/tcp'],
  [['82/tcp', '80/tcp', '81/tcp'], '80-82/tcp'],
  [['80/tcp', '80/udp'], '80/tcp, 80/udp'],
  [['80/tcp', '82/tcp'], '80/tcp, 82/tcp'],
  [['0.0.0.0|32781>80/tcp', '::|32781>80/tcp'], '0.0.0.0:32781->80/tcp, [::]:32781->80/tcp'],
  [['0.0.0.0|80>80/tcp', '0.0.0.0|81>81/tcp'], '0.0.0.0:80-81->80-81/tcp'],
  [['0.0.0.0|9>80/tcp', '443/tcp', '0.0.0.0|70>70/tcp'], '0.0.0.0:70->70/tcp, 443/tcp, 0.0.0.0:9->80/tcp'],
]

test("showPorts() puts runs together, and other mappings behind, as docker's ps does", () => {
  for (const [ports, shown] of rows) assert.equal(showPorts(ports.map(port)), shown)
})
