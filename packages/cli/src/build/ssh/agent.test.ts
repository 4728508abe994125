import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { agentOf } from './agent.ts'
import { readKey } from './private-key.ts'
import { testKeys } from './testing/keys.ts'
import { WireReader, wireNumber, wireString } from './wire.ts'

const read = (text: string) => readKey(Buffer.from(text))

/** Asks an agent one thing, in pieces. */
const ask = async (agent: Duplex, message: Buffer): Promise<Buffer> => {
  const whole = wireString(message)
  agent.write(whole.subarray(0, 3))
  agent.write(whole.subarray(3))
  for await (const answer of agent.iterator({ destroyOnReturn: false })) return (answer as Buffer).subarray(4)
  throw new Error('the agent went away')
}

test('keys are read as ssh-keygen writes them, and known by their public halves', () => {
  for (const name of ['ed25519', 'ecdsa', 'rsa'] as const) {
    const key = read(testKeys[name].file)
    assert.equal(key.publicKey.toString('base64'), testKeys[name].publicKey)
    assert.equal(key.comment, `test-${name}`)
  }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [one, other] = [
    privateKey.export({ type: 'pkcs1', format: 'pem' }),
    privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ]
  assert.deepEqual(read(String(one)).publicKey, read(String(other)).publicKey)
})

test('what is no key, or locked, is refused without a word of it', () => {
  assert.throws(() => read('hello'), { message: 'ssh: no key found' })
  assert.throws(() => read(testKeys.locked.file), { message: 'ssh: this private key is passphrase protected' })
  const { privateKey } = generateKeyPairSync('ed25519')
  const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
  assert.throws(() => read(String(privateKey.export(cipher))), /passphrase protected/)
  assert.throws(() => read(testKeys.ed25519.file.replace(/\n.*\n-----END/, '\n-----END')), /ssh: /)
})

test('the agent lists its keys and signs with them, by the hash that is asked for', async () => {
  const agent = agentOf([read(testKeys.ed25519.file), read(testKeys.rsa.file)])
  const listed = new WireReader(await ask(agent, Buffer.from([11])))
  assert.deepEqual([listed.bytes(1)[0], listed.number()], [12, 2])
  assert.equal(listed.string().toString('base64'), testKeys.ed25519.publicKey)
  assert.equal(listed.text(), 'test-ed25519')

  const data = Buffer.from('to be signed')
  const sign = async (publicKey: string, flags: number): Promise<WireReader> => {
    const fields = [wireString(Buffer.from(publicKey, 'base64')), wireString(data), wireNumber(flags)]
    const answer = new WireReader(await ask(agent, Buffer.concat([Buffer.from([13]), ...fields])))
    assert.equal(answer.bytes(1)[0], 14)
    return new WireReader(answer.string())
  }
  const rsa = new WireReader(Buffer.from(testKeys.rsa.publicKey, 'base64'))
  rsa.string()
  const [e, n] = [rsa.string(), rsa.string().subarray(1)]
  const jwk = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }
  const rsaKey = createPublicKey({ key: jwk, format: 'jwk' })
  for (const [flags, name, hash] of [
    [2, 'rsa-sha2-256', 'sha256'],
    [4, 'rsa-sha2-512', 'sha512'],
    [0, 'ssh-rsa', 'sha1'],
  ] as const) {
    const signature = await sign(testKeys.rsa.publicKey, flags)
    assert.equal(signature.text(), name)
    assert.equal(verify(hash, data, rsaKey, signature.string()), true)
  }
  const edwards = await sign(testKeys.ed25519.publicKey, 0)
  assert.equal(edwards.text(), 'ssh-ed25519')
  const x = Buffer.from(testKeys.ed25519.publicKey, 'base64').subarray(-32).toString('base64url')
  const edwardsKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  assert.equal(verify(null, data, edwardsKey, edwards.string()), true)
})

test('the agent refuses keys it has not, and everything else it could be asked', async () => {
  const agent = agentOf([read(testKeys.ecdsa.file)])
  const other = Buffer.concat([
    Buffer.from([13]),
    wireString(Buffer.from(testKeys.rsa.publicKey, 'base64')),
    wireString('x'),
    wireNumber(0),
  ])
  assert.deepEqual(await ask(agent, other), Buffer.from([5]))
  // 17: take one more key; 19: forget all.
  for (const type of [17, 19]) assert.deepEqual(await ask(agent, Buffer.from([type])), Buffer.from([5]))
})
