import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerConfig } from '@slipway/client'
import { notFound } from '@slipway/core'
import { assertLinked, type Link, linksOf, linkVariables } from './links.ts'
import { type ContainerRecord, neverRun } from './records.ts'

const target = (config: ContainerConfig, pid = 7): ContainerRecord => ({
  id: 'ab12',
  name: 'database',
  createdAt: '',
  imageId: `sha256:${'0'.repeat(64)}`,
  definition: { image: '', config, hostConfig: {}, endpoints: {}, mounts: [] },
  state: { ...neverRun, pid },
})

const link = (config: ContainerConfig, more: Partial<Link> = {}): Link => ({
  alias: 'my-db',
  target: target(config),
  address: '172.17.0.2',
  ...more,
})

test('a link tells of the other’s first port, its name, and its variables', () => {
  const config = { ExposedPorts: { '5432/tcp': {} }, Env: ['A=1=2', 'PATH=/bin', 'HOME=/', 'BARE'] }
  assert.deepEqual(linkVariables('web', link(config)), [
    'MY_DB_PORT=tcp://172.17.0.2:5432',
    'MY_DB_PORT_5432_TCP=tcp://172.17.0.2:5432',
    'MY_DB_PORT_5432_TCP_ADDR=172.17.0.2',
    'MY_DB_PORT_5432_TCP_PORT=5432',
    'MY_DB_PORT_5432_TCP_PROTO=tcp',
    'MY_DB_NAME=/web/my-db',
    'MY_DB_ENV_A=1=2',
  ])
  assert.deepEqual(linkVariables('web', link({})), ['MY_DB_NAME=/web/my-db'])
})

test('TCP stands before UDP, and ports in a row are a range as well', () => {
  const config = { ExposedPorts: { '53/udp': {}, '81/tcp': {}, '80/tcp': {}, '90/tcp': {} } }
  const variables = linkVariables('web', link(config))
  assert.equal(variables[0], 'MY_DB_PORT=tcp://172.17.0.2:80')
  assert.deepEqual(
    variables.filter((one) => /_(START|END)=/.test(one)),
    [
      'MY_DB_PORT_80_TCP_START=tcp://172.17.0.2:80',
      'MY_DB_PORT_80_TCP_PORT_START=80',
      'MY_DB_PORT_80_TCP_END=tcp://172.17.0.2:81',
      'MY_DB_PORT_80_TCP_PORT_END=81',
    ],
  )
  assert.ok(variables.includes('MY_DB_PORT_53_UDP_PROTO=udp'))
})

test('a link is written in three ways, only the default bridge has them, and one to nobody is none', () => {
  const asked: string[] = []
  const records = {
    find: (name: string) => {
      asked.push(name)
      if (name === 'gone') throw notFound('container', name)
      return target({})
    },
  }
  const aliases = linksOf(records, { Links: ['db', 'db:x', '/db:/web/y', 'gone:z'] }).map(({ alias }) => alias)
  assert.deepEqual(aliases, ['db', 'x', 'y'])
  assert.deepEqual(asked, ['db', 'db', '/db', 'gone'])
  assert.deepEqual(linksOf(records, { NetworkMode: 'own', Links: ['db'] }), [])
})

test('a link to what does not run is refused', () => {
  assert.equal(assertLinked(link({})), '172.17.0.2')
  assert.throws(() => assertLinked(link({}, { target: target({}, 0) })), {
    message: 'Cannot link to a non running container: /database AS my-db',
  })
  assert.throws(() => assertLinked({ alias: 'x', target: target({}), address: undefined }), {
    message: 'container ab12 not attached to default bridge network',
  })
})
