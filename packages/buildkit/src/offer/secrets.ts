import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { SlipwayError } from '@slipway/core'
import { type Methods, unary } from '../grpc/method.ts'
import { GrpcError, grpcCode } from '../grpc/status.ts'
import { secretRequest, secretResponse, sessionMethods } from '../messages/session.ts'

/** Where a secret is: read when a step asks for it, and kept nowhere. */
export type SecretSource = { readonly path: string } | { readonly value: string }

/** As BuildKit's clients have it. */
export const mostSecretBytes = 500 << 10

const readSecret = async (source: SecretSource): Promise<Uint8Array> => {
  if ('value' in source) return Buffer.from(source.value)
  await using file = await open(source.path, constants.O_RDONLY)
  const { bytesRead, buffer } = await file.read(Buffer.alloc(mostSecretBytes + 1), 0, mostSecretBytes + 1, 0)
  if (bytesRead > mostSecretBytes) {
    throw new SlipwayError('too-large', `invalid secret size: a secret has at most ${mostSecretBytes} bytes`)
  }
  return buffer.subarray(0, bytesRead)
}

/** Offers secrets by their ids. */
export const offerSecrets = (secrets: ReadonlyMap<string, SecretSource>): Methods => ({
  [sessionMethods.getSecret]: unary(secretRequest, secretResponse, async ({ id }) => {
    const source = secrets.get(id)
    if (source === undefined) throw new GrpcError(grpcCode.notFound, `secret ${id}: not found`)
    return { data: await readSecret(source) }
  }),
})
