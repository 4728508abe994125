import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrno, isDigest } from '@slipway/core'
import { type Call, type Methods, streaming, unary } from '../grpc/method.ts'
import { GrpcError, grpcCode } from '../grpc/status.ts'
import { infoRequest, infoResponse, readRequest, readResponse } from '../messages/content.ts'
import { sessionMethods } from '../messages/session.ts'

/** How much of a blob goes into one message. */
const chunkBytes = 1 << 20

const header = 'buildkit-attachable-store-id'

/** The file of a blob. A digest is letters and digits alone: it leads nowhere else. */
const blobPath = (layouts: ReadonlyMap<string, string>, digest: string, { metadata }: Call): string => {
  const root = layouts.get(metadata[header]?.[0] ?? '')
  if (root === undefined || !isDigest(digest)) throw new GrpcError(grpcCode.notFound, `content ${digest}: not found`)
  return join(root, 'blobs', digest.replace(':', '/'))
}

const sizeOf = async (path: string, digest: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw new GrpcError(grpcCode.notFound, `content ${digest}: not found`)
    throw error
  }
}

/** Offers the blobs of OCI layouts on our disk; `layouts`: their directories by the names the daemon has for them. */
export const offerLayouts = (layouts: ReadonlyMap<string, string>): Methods => ({
  [sessionMethods.contentInfo]: unary(infoRequest, infoResponse, async ({ digest }, call) => ({
    info: { digest, size: await sizeOf(blobPath(layouts, digest, call), digest) },
  })),
  [sessionMethods.readContent]: streaming(readRequest, readResponse, async function* (request, call) {
    const { digest, size } = request
    const path = blobPath(layouts, digest, call)
    const whole = await sizeOf(path, digest)
    let { offset } = request
    const end = size === 0 ? whole : Math.min(whole, offset + size)
    if (offset >= end) return
    for await (const data of createReadStream(path, { start: offset, end: end - 1, highWaterMark: chunkBytes })) {
      yield { offset, data: data as Buffer }
      offset += (data as Buffer).length
    }
  }),
})
