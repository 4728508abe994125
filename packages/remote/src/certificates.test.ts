import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCertificates } from './certificates.ts'
import { authority, clientCertificate, clientKey, serverCertificate, serverKey } from './testing/certificates.ts'
import { drain, Transport } from './transport.ts'

const scratch = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 'swt-certs-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

const write = async (directory: string, files: Readonly<Record<string, string>>): Promise<string> => {
  await mkdir(directory, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return directory
}

/** A registry that only those may speak to whom the authority vouches for. */
const startServer = async () => {
  const options = { cert: serverCertificate, key: serverKey, ca: authority, requestCert: true }
  const server = createServer(options, (_, response) => response.end('welcome'))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    url: new URL(`https://${host}/v2/`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('a private authority is trusted and a client shows its certificate, by the registry’s directory', async () => {
  await using server = await startServer()
  await using directory = await scratch()
  const { host, url } = server
  await write(join(directory.path, host), {
    'ca.crt': authority,
    'client.cert': clientCertificate,
    'client.key': clientKey,
    'notes.txt': 'neither',
  })
  const certificates = () => readCertificates(['/nonexistent', directory.path], host)
  await using transport = new Transport({ host, insecure: false, certificates })
  const response = await transport.send({ method: 'GET', url })
  assert.equal(response.status, 200)
  await drain(response)
})

test('without its directory, or without the client’s certificate, the registry is not spoken to', async () => {
  await using server = await startServer()
  await using directory = await scratch()
  const { host, url } = server
  await write(join(directory.path, host), { 'ca.crt': authority })
  for (const directories of [[], [directory.path]]) {
    await using transport = new Transport({
      host,
      insecure: false,
      certificates: () => readCertificates(directories, host),
    })
    await assert.rejects(transport.send({ method: 'GET', url }), { code: 'unavailable' })
  }
})

test('half a pair is refused in docker’s words; the first directory that has the registry counts', async () => {
  await using directory = await scratch()
  const place = (name: string): string => join(directory.path, name)
  await write(place('one/lonely:5000'), { 'client.cert': clientCertificate })
  await write(place('one/keyed:5000'), { 'client.key': clientKey })
  await write(place('two/lonely:5000'), { 'ca.crt': authority })
  await assert.rejects(readCertificates([place('one'), place('two')], 'lonely:5000'), {
    code: 'invalid',
    message: 'missing key client.key for client certificate client.cert. CA certificates must use the extension .crt',
  })
  await assert.rejects(readCertificates([place('one')], 'keyed:5000'), {
    code: 'invalid',
    message: 'missing client certificate client.cert for key client.key',
  })
  const { ca = [], ...rest } = await readCertificates([place('none'), place('two')], 'lonely:5000')
  assert.equal(ca.at(-1), authority)
  assert.deepEqual(rest, {})
  assert.deepEqual(await readCertificates([place('one'), place('two')], 'other:5000'), {})
})
