import { createHash } from 'node:crypto'
import type { GrpcClient } from '../grpc/client.ts'
import * as gateway from '../messages/gateway.ts'
import { op } from '../messages/llb.ts'
import { bridgeMethod, type ClientBuild, overBridge, solveOverBridge } from './question.ts'

/** More of a file isn't read. */
const mostBytes = 1024 * 1024
const name = 'file'

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A build of one step, and the vertex that says that it is all. */
const download = (url: string) => {
  const step = op.encode({ source: { identifier: url, attrs: new Map([['http.filename', name]]) } })
  const end = op.encode({ inputs: [{ digest: digestOf(step), index: 0 }] })
  const description = new Map([['llb.customname', `[internal] load ${url}`]])
  return { def: [step, end], metadata: new Map([[digestOf(step), { description }]]) }
}

/** Reads a file from the web, as the daemon reaches it: no more than 1 MiB of it. */
export const readWebFile = (
  client: GrpcClient,
  url: string,
  build: ClientBuild,
  signal: AbortSignal,
): Promise<Uint8Array> =>
  overBridge(
    client,
    build,
    async (metadata) => {
      const result = await solveOverBridge(client, { definition: download(url) }, signal, metadata)
      const codecs = { request: gateway.readFileRequest, response: gateway.readFileResponse }
      const asked = { ref: result?.ref?.id ?? '', path: name, range: { offset: 0, length: mostBytes } }
      return (await client.unary(bridgeMethod('ReadFile'), codecs, asked, signal, metadata)).data
    },
    signal,
  )
