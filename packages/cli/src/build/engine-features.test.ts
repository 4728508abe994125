import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { control, GrpcClient, serveGrpc, unary } from '@slipway/buildkit'
import { suitRequest } from './engine-features.ts'
import type { BuildRequest } from './request.ts'

const { signal } = new AbortController()

/** The builder of an engine that says this of itself. */
const builderWith = (labels: Readonly<Record<string, string>>): GrpcClient => {
  const [ours, theirs] = duplexPair()
  const worker = { id: 'w', labels: new Map(Object.entries(labels)), platforms: [], gcPolicy: [] }
  void serveGrpc(theirs, {
    [`/${control.controlService}/ListWorkers`]: unary(
      control.listWorkersRequest,
      control.listWorkersResponse,
      async () => ({ record: [worker] }),
    ),
  })
  return new GrpcClient(ours)
}

const prefix = 'org.mobyproject.buildkit.worker'
const withStore = { [`${prefix}.snapshotter`]: 'overlayfs', [`${prefix}.moby.host-gateway-ip`]: '172.17.0.1' }
const withoutStore = { [`${prefix}.moby.host-gateway-ip`]: '172.17.0.1' }

type Asked = Pick<BuildRequest, 'options' | 'outputs' | 'caches'>

const asked: Asked = { options: new Map(), outputs: [{ type: 'moby', attrs: new Map() }], caches: [] }
const suit = async (labels: Readonly<Record<string, string>>, more: Partial<Asked>) => {
  using client = builderWith(labels)
  return await suitRequest({ ...asked, ...more }, client, signal)
}

const output = (type: string, attrs: Readonly<Record<string, string>> = {}) => [
  { type, attrs: new Map(Object.entries(attrs)) },
]

test('what an engine without an image store has not is refused before anything is built', async () => {
  const refused: readonly (readonly [string, Partial<Asked>])[] = [
    ['OCI exporter', { outputs: output('oci') }],
    ['Docker exporter', { outputs: output('docker') }],
    ['Cache export', { caches: [new Map([['type', 'registry']])] }],
    ['Attestation', { options: new Map([['attest:sbom', '']]) }],
    ['Multi-platform build', { options: new Map([['platform', 'linux/amd64,linux/arm64']]) }],
  ]
  for (const [what, more] of refused) {
    await assert.rejects(suit(withoutStore, more), { exitCode: 1, message: new RegExp(`${what} is not supported`) })
    assert.deepEqual((await suit(withStore, more)).outputs, more.outputs ?? asked.outputs)
  }
  assert.deepEqual((await suit(withoutStore, { caches: [new Map([['type', 'inline']])] })).pushes, [])
})

test('an engine that pushes what it builds is asked to, another is asked afterwards', async () => {
  const outputs = output('moby', { name: 'r:5000/a:1,b', push: 'true' })
  assert.deepEqual(await suit(withStore, { outputs }), { options: new Map(), outputs, pushes: [] })
  assert.deepEqual(await suit(withoutStore, { outputs }), {
    options: new Map(),
    outputs: output('moby', { name: 'r:5000/a:1,b' }),
    pushes: ['r:5000/a:1', 'b'],
  })
})

test('host-gateway is the address that the engine tells', async () => {
  const options = new Map([['add-hosts', 'a=host-gateway,b=1.2.3.4,c=host-gateway']])
  const suited = await suit(withoutStore, { options })
  assert.equal(suited.options.get('add-hosts'), 'a=172.17.0.1,b=1.2.3.4,c=172.17.0.1')
})
