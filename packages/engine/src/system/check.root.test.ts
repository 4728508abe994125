import assert from 'node:assert/strict'
import { globSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  createContainer,
  type EngineClient,
  importImage,
  startContainer,
  systemCheck,
  waitContainer,
} from '@slipway/client'
import { packDirectory } from '@slipway/store'
import { LocalEngine } from '../testing/local-engine.ts'

const local = new LocalEngine('chck')
let client: EngineClient

before(async () => {
  client = await local.start()
  const root = packDirectory(local.busyboxRoot(['sh']), '/', { as: '' })
  for await (const { error } of await importImage(client, root, { repository: 'base' })) assert.equal(error, undefined)
})

after(() => local[Symbol.asyncDispose]())

test('the layer of mount points below a container is found missing, and made again in its place', async () => {
  const { Id } = await createContainer(client, { Image: 'base', Cmd: ['sh', '-c', 'exit 7'], NetworkDisabled: true })
  const layers = join(local.directory, 'data/snapshots/layers')
  const [made] = globSync('*/fs/.dockerenv', { cwd: layers }).toSorted(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
  )
  assert.ok(made)
  rmSync(dirname(join(layers, made)), { recursive: true })
  const told = async (repair: boolean) =>
    (await systemCheck(client, { repair })).Findings.map(
      ({ Kind, Problem, Outcome }) => `${Outcome} ${Kind}: ${Problem}`,
    )
  assert.deepEqual(await told(false), ['found layer: its files are missing'])
  assert.deepEqual(await told(true), ['repaired layer: its files are missing'])
  assert.deepEqual(await told(false), [])
  const { exit } = await waitContainer(client, Id, { condition: 'next-exit' })
  await startContainer(client, Id)
  assert.equal((await exit).StatusCode, 7)
})
