import { Duplex } from 'node:stream'
import type { SshKey } from './private-key.ts'
import { WireReader, wireNumber, wireString } from './wire.ts'

/** The SSH agent protocol (draft-miller-ssh-agent), of it what a client needs to sign in. */
const requests = { identities: 11, sign: 13 } as const
const answers = { failure: 5, identities: 12, signature: 14 } as const

/** Longer messages are nothing that a client sends. */
const mostBytes = 256 << 10

const answerOf = (message: Buffer, keys: readonly SshKey[]): Buffer => {
  const failure = Buffer.from([answers.failure])
  const [type] = message
  if (type === requests.identities) {
    const list = keys.flatMap(({ publicKey, comment }) => [wireString(publicKey), wireString(comment)])
    return Buffer.concat([Buffer.from([answers.identities]), wireNumber(keys.length), ...list])
  }
  if (type !== requests.sign) return failure
  const fields = new WireReader(message.subarray(1))
  const wanted = fields.string()
  const data = fields.string()
  const flags = fields.number()
  const key = keys.find(({ publicKey }) => publicKey.equals(wanted))
  if (key === undefined) return failure
  return Buffer.concat([Buffer.from([answers.signature]), wireString(key.sign(data, flags))])
}

/** An agent that holds these keys and signs with them; it takes no others, and gives none away. */
export const agentOf = (keys: readonly SshKey[]): Duplex => {
  let held = Buffer.alloc(0)
  return new Duplex({
    read() {
      // Answers are pushed as they are made.
    },
    write(chunk: Buffer, _encoding, done) {
      held = Buffer.concat([held, chunk])
      try {
        while (held.length >= 4) {
          const length = held.readUInt32BE(0)
          if (length > mostBytes) throw new Error('ssh: a message to the agent is too long')
          if (held.length < 4 + length) break
          this.push(wireString(answerOf(held.subarray(4, 4 + length), keys)))
          held = held.subarray(4 + length)
        }
        done()
      } catch (error) {
        done(error as Error)
      }
    },
    final(done) {
      this.push(null)
      done()
    },
  })
}
