import type { Methods } from '../grpc/method.ts'
import { GrpcError, grpcCode } from '../grpc/status.ts'
import { sessionMethods } from '../messages/session.ts'
import { bytesMessage } from '../messages/worker.ts'

async function* pull(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const data of bytes) yield bytesMessage.encode({ data })
}

/** Offers streams that can be taken once, by name: a context that comes on standard input. */
export const offerUploads = (uploads: ReadonlyMap<string, AsyncIterable<Uint8Array>>): Methods => ({
  [sessionMethods.upload]: (_messages, { metadata }) => {
    const name = (metadata['urlpath']?.[0] ?? '').replace(/^.*\//, '')
    const bytes = uploads.get(name)
    if (bytes === undefined) throw new GrpcError(grpcCode.notFound, `no http response from session for ${name}`)
    return pull(bytes)
  },
})

/** The address under which the daemon is told of one. */
export const uploadAddress = (name: string): string => `http://buildkit-session/${name}`
