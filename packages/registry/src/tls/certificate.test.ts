import assert from 'node:assert/strict'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from 'node:tls'
import { silentLogger } from '@slipway/core'
import { closeServer, createHttpServer, listen } from '@slipway/http'
import { readCertificate, reloadCertificate } from './certificate.ts'

const given = join(import.meta.dirname, '../../../../test/api/certificates')

const place = async (t: TestContext) => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-tls-'))
  t.after(() => rm(directory, { recursive: true }))
  const files = { certificate: join(directory, 'cert.pem'), key: join(directory, 'key.pem') }
  const put = async (name: string, which: 'certificate' | 'key'): Promise<void> =>
    copyFile(join(given, `${name}.${which === 'key' ? 'key' : 'pem'}`), files[which])
  return { files, put }
}

const subjectAt = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })

test('a certificate that is none, or not its key’s, is refused in a sentence', async (t) => {
  const { files, put } = await place(t)
  await put('server', 'certificate')
  await assert.rejects(readCertificate(files), { code: 'invalid', message: /can't read .*key\.pem/ })
  await put('client', 'key')
  await assert.rejects(readCertificate(files), { code: 'invalid', message: /are no certificate and its key/ })
  await put('server', 'key')
  assert.ok((await readCertificate(files)).cert.length > 0)
})

test('a certificate that changes is given to new connections, once its key is there too', async (t) => {
  const { files, put } = await place(t)
  await put('server', 'certificate')
  await put('server', 'key')
  const now = await readCertificate(files)
  const server = createHttpServer({
    routes: [],
    deps: {},
    logger: silentLogger,
    renderError: (_error, _request, response) => void response.end(),
    tls: now,
  })
  await listen(server, { kind: 'tcp', host: '127.0.0.1', port: 0 })
  t.after(() => closeServer(server))
  const { port } = server.address() as AddressInfo
  const told: string[] = []
  const logger = { ...silentLogger, warn: (_facts: object, message: string) => void told.push(message) }
  using _reloading = reloadCertificate(server, { files, now, everyMs: 5, logger })
  const before = await subjectAt(port)
  await put('client', 'certificate')
  while (told.length === 0) await delay(5)
  assert.equal(await subjectAt(port), before)
  await put('client', 'key')
  while ((await subjectAt(port)) === before) await delay(5)
  const after = await subjectAt(port)
  await writeFile(files.key, 'nonsense')
  while (told.length === 1) await delay(5)
  assert.equal(await subjectAt(port), after)
})
