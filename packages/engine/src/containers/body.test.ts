import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shape } from '@slipway/http'
import { createBody, updateBody } from './body.ts'

const read = (body: unknown) => shape.readShape(createBody.shape, body, createBody.name)

test('a create body takes a command as a list or as one string', () => {
  assert.deepEqual(read({ Cmd: 'ls', Entrypoint: ['a', 'b'], HostConfig: { CapAdd: 'ALL' } }), {
    Cmd: ['ls'],
    Entrypoint: ['a', 'b'],
    HostConfig: { CapAdd: ['ALL'] },
  })
  assert.throws(() => read({ Cmd: [1] }), {
    message: 'invalid JSON: json: cannot unmarshal array into Go value of type string',
  })
  assert.throws(() => read({ Cmd: 3 }), {
    message: 'invalid JSON: json: cannot unmarshal number into Go value of type string',
  })
})

test("a create body's refusals are dockerd 28.5's", () => {
  const refusals: readonly (readonly [unknown, string])[] = [
    [{ Image: 3 }, 'number into Go struct field .Image of type string'],
    [{ HostConfig: { Memory: 'a' } }, 'string into Go struct field .HostConfig.Memory of type int64'],
    [
      { HostConfig: { BlkioWeight: 70000 } },
      'number 70000 into Go struct field .HostConfig.BlkioWeight of type uint16',
    ],
    [{ HostConfig: [] }, 'array into Go struct field .HostConfig of type container.HostConfig'],
    [
      { HostConfig: { PortBindings: { '80/tcp': [{ HostPort: 80 }] } } },
      'number into Go struct field .HostConfig.PortBindings.80~1tcp.0.HostPort of type string',
    ],
    [
      { HostConfig: { Mounts: [{ Type: 3 }] } },
      'number into Go struct field .HostConfig.Mounts.0.Type of type mount.Type',
    ],
    [{ ExposedPorts: [] }, 'array into Go struct field .ExposedPorts of type nat.PortSet'],
    [{ Healthcheck: { Interval: '1s' } }, 'string into Go struct field .Healthcheck.Interval of type time.Duration'],
    [
      { NetworkingConfig: { EndpointsConfig: { bridge: 3 } } },
      'number into Go struct field .NetworkingConfig.EndpointsConfig.bridge of type network.EndpointSettings',
    ],
  ]
  for (const [body, problem] of refusals) {
    assert.throws(() => read(body), { code: 'invalid', message: `invalid JSON: json: cannot unmarshal ${problem}` })
  }
})

test("an update body's refusals name its type", () => {
  assert.throws(() => shape.readShape(updateBody.shape, { RestartPolicy: 'x' }, updateBody.name), {
    message:
      'invalid JSON: json: cannot unmarshal string into Go struct field UpdateConfig.RestartPolicy of type container.RestartPolicy',
  })
})
