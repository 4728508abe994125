import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Stage } from './stage.ts'

const password = 'open sesame'

/** 5. To the registry and back. */
export const shareImages = async (t: TestContext, { client, registry }: Stage): Promise<void> => {
  const remote = `${registry.address}/user/web`
  const login = (input: string, ...host: readonly string[]) =>
    [['login', '-u', 'user', '--password-stdin', ...host], { input: `${input}\n` }] as const

  await t.test('5. a registry without accounts is open; the first account closes pushing', async () => {
    await client.ok(['tag', 'user/small', `${registry.address}/user/small`])
    assert.match(
      await client.ok(['push', `${registry.address}/user/small`]),
      /^latest: digest: sha256:[0-9a-f]{64} size: \d+$/m,
    )
    await registry.addUser('user', password)
    await client.ok(['tag', 'user/web:v1', `${remote}:v1`])
    const refused = await client.fails(['push', `${remote}:v1`])
    assert.match(refused.message, /unauthorized|denied|no basic auth credentials/)
  })

  await t.test('5. login refuses a wrong password and takes the right one', async () => {
    assert.match(
      (await client.fails(...login('open barley', registry.address))).message,
      /unauthorized|incorrect username or password/,
    )
    assert.match(await client.ok(...login(password, registry.address)), /Login Succeeded/)
  })

  await t.test('5. push prints the digest; layers that are there are not sent again', async () => {
    assert.match(await client.ok(['push', `${remote}:v1`]), /^v1: digest: sha256:[0-9a-f]{64} size: \d+$/m)
    await client.ok(['tag', 'user/web:v1', `${remote}:again`])
    assert.match(await client.ok(['push', `${remote}:again`]), /Layer already exists|exists/)
  })

  await t.test('5. with a rule for docker.io, everything works without a host', async () => {
    assert.match((await client.fails(['push', 'user/web:v1'])).message, /unauthorized|denied|no basic auth credentials/)
    assert.match(await client.ok(...login(password)), /Login Succeeded/)
    for (const tag of ['1.2.3', '1.2', 'latest']) await client.ok(['tag', 'user/web:v1', `user/web:${tag}`])
    assert.match(await client.ok(['push', 'user/web:1.2.3']), /^1\.2\.3: digest: sha256:/m)
    assert.match(await client.ok(['push', 'user/web']), /^latest: digest: sha256:/m)
    assert.match(await client.ok(['push', '-a', 'user/web']), /^1\.2: digest: sha256:/m)
    await client.ok(['rmi', 'user/web:1.2', 'user/web:latest'])
    assert.match(await client.ok(['pull', 'user/web:1.2']), /^docker\.io\/user\/web:1\.2$/m)
    const pulled = await client.ok(['pull', 'user/web'])
    assert.match(pulled, /^Using default tag: latest$/m)
    const ids = await client.ok(['images', '--no-trunc', '-q', 'user/web'])
    assert.equal(new Set(ids.split('\n')).size, 1)
  })

  await t.test('7. search finds it by what it is', async () => {
    const found = await client.ok([
      'search',
      '--format',
      '{{.Name}}|{{.Description}}|{{.StarCount}}|{{.IsOfficial}}',
      'nginx',
    ])
    assert.match(found, /^user\/web\|Serves pages with nginx\|0\|/m)
    assert.match(await client.ok(['search', 'nginx']), /^NAME +DESCRIPTION +STARS +OFFICIAL/)
  })

  await t.test('6. the local copies are removed', async () => {
    const names = (await client.ok(['images', '--format', '{{.Repository}}:{{.Tag}}']))
      .split('\n')
      .filter((name) => name.includes('user/web'))
    const removed = await client.ok(['rmi', '-f', ...names])
    assert.match(removed, /^Untagged: user\/web:1\.2\.3$/m)
    assert.match(removed, /^Deleted: sha256:[0-9a-f]{64}$/m)
    assert.equal(await client.ok(['images', '-q', 'user/web']), '')
  })
}
