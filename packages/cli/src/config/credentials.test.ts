import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  allCredentials,
  canonicalServer,
  eraseCredentials,
  findCredentials,
  hubServer,
  serverOfImage,
  storeCredentials,
} from './credentials.ts'
import { type DockerConfigFile, readDockerConfig } from './docker-config.ts'

const makeDirectory = async (t: TestContext, file?: DockerConfigFile): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-config-'))
  t.after(() => rm(directory, { recursive: true }))
  if (file !== undefined) await writeFile(join(directory, 'config.json'), JSON.stringify(file))
  return directory
}

test('serverOfImage() and canonicalServer() find the registry', () => {
  const images = {
    nginx: hubServer,
    'user/web': hubServer,
    'docker.io/x': hubServer,
    '127.0.0.1:5000/x': '127.0.0.1:5000',
    'localhost/x': 'localhost',
    'r.io/a/b:1': 'r.io',
  }
  for (const [image, server] of Object.entries(images)) assert.equal(serverOfImage(image), server, image)
  assert.equal(canonicalServer('https://r.io/v2/'), 'r.io')
  assert.equal(canonicalServer('index.docker.io'), hubServer)
})

test('what is stored is found again, in a file that only its owner can read', async (t) => {
  const directory = await makeDirectory(t)
  await storeCredentials(await readDockerConfig(directory), 'r.io', { username: 'me', password: 'a:b' })
  assert.deepEqual(await findCredentials(await readDockerConfig(directory), 'r.io'), {
    username: 'me',
    password: 'a:b',
    serveraddress: 'r.io',
  })
  assert.equal((await stat(join(directory, 'config.json'))).mode & 0o777, 0o600)
})

test('what others wrote into the file stays', async (t) => {
  const directory = await makeDirectory(t, { psFormat: 'x', auths: { 'old.io': { auth: 'b2xkOnB3' } } })
  await storeCredentials(await readDockerConfig(directory), 'r.io', { identitytoken: 'token' })
  await eraseCredentials(await readDockerConfig(directory), 'old.io')
  const file = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')) as unknown
  assert.deepEqual(file, { psFormat: 'x', auths: { 'r.io': { identitytoken: 'token' } } })
})

test('an entry with a scheme is found by its host', async (t) => {
  const directory = await makeDirectory(t, { auths: { 'https://r.io/v1/': { auth: 'bWU6cHc=' } } })
  const config = await readDockerConfig(directory)
  assert.equal((await findCredentials(config, 'r.io'))?.password, 'pw')
  assert.deepEqual(Object.keys(await allCredentials(config)), ['r.io'])
})

test('a credential helper is asked, told and made to forget', async (t) => {
  const directory = await makeDirectory(t, { credHelpers: { 'r.io': 'swtest' } })
  const helper = join(directory, 'docker-credential-swtest')
  await writeFile(
    helper,
    `#!/bin/sh
read -r line
case $1 in
  get) if [ -f ${directory}/store ]; then cat ${directory}/store; else echo 'credentials not found in native keychain'; exit 1; fi ;;
  store) echo "$line" > ${directory}/store ;;
  erase) rm -f ${directory}/store ;;
esac
`,
  )
  await chmod(helper, 0o755)
  const path = process.env['PATH'] ?? ''
  process.env['PATH'] = `${directory}:${path}`
  t.after(() => {
    process.env['PATH'] = path
  })
  const config = await readDockerConfig(directory)
  assert.equal(await findCredentials(config, 'r.io'), undefined)
  await storeCredentials(config, 'r.io', { username: 'me', password: 'pw' })
  assert.deepEqual(await findCredentials(config, 'r.io'), { username: 'me', password: 'pw', serveraddress: 'r.io' })
  assert.equal((await readDockerConfig(directory)).file.auths, undefined)
  await eraseCredentials(config, 'r.io')
  assert.equal(await findCredentials(config, 'r.io'), undefined)
})

test('a file that is no JSON is said to be none', async (t) => {
  const directory = await makeDirectory(t)
  await writeFile(join(directory, 'config.json'), '{')
  await assert.rejects(readDockerConfig(directory), /error loading config file/)
})
