import type { GrpcClient } from '../grpc/client.ts'
import * as control from '../messages/control.ts'
import { empty } from '../messages/wellknown.ts'

const method = (name: string): string => `/${control.controlService}/${name}`

/** Builds; resolves when everything is done and exported, with what the exporters tell: digests and names. */
export const solve = async (
  client: GrpcClient,
  request: Parameters<typeof control.solveRequest.encode>[0],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const codecs = { request: control.solveRequest, response: control.solveResponse }
  return (await client.unary(method('Solve'), codecs, request, signal)).exporterResponse
}

const codecs = <Request, Response>(request: Request, response: Response) => ({ request, response })

/** What happens in a build, from its beginning to its end, also when it has ended. It may be asked for before it begins. */
export async function* followStatus(
  client: GrpcClient,
  ref: string,
  signal: AbortSignal,
): AsyncGenerator<control.StatusMessage> {
  const conversation = client.open(method('Status'), signal)
  await conversation.send(control.statusRequest.encode({ ref }))
  conversation.finish()
  for await (const message of conversation.messages) yield control.statusResponse.decode(message)
}

/** The same as it is kept in files of media type `application/vnd.buildkit.status.v0`: messages, each after its length. */
export const statusFile = async (client: GrpcClient, ref: string, signal: AbortSignal): Promise<Buffer> => {
  const conversation = client.open(method('Status'), signal)
  await conversation.send(control.statusRequest.encode({ ref }))
  conversation.finish()
  const pieces: Uint8Array[] = []
  for await (const message of conversation.messages) {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(message.length)
    pieces.push(length, message)
  }
  return Buffer.concat(pieces)
}

export const listWorkers = async (client: GrpcClient, signal: AbortSignal) =>
  (
    await client.unary(
      method('ListWorkers'),
      codecs(control.listWorkersRequest, control.listWorkersResponse),
      {},
      signal,
    )
  ).record

/** The daemon's version of BuildKit. */
export const buildkitInfo = async (client: GrpcClient, signal: AbortSignal) =>
  (await client.unary(method('Info'), codecs(empty, control.infoResponse), {}, signal)).version

/** The cache's records that fit all filters. */
export const diskUsage = async (client: GrpcClient, filter: readonly string[], signal: AbortSignal) =>
  (
    await client.unary(
      method('DiskUsage'),
      codecs(control.diskUsageRequest, control.diskUsageResponse),
      { filter },
      signal,
    )
  ).record

/** Removes what of the cache nothing needs, and tells each record that goes. */
export async function* prune(
  client: GrpcClient,
  request: Parameters<typeof control.pruneRequest.encode>[0],
  signal: AbortSignal,
) {
  const conversation = client.open(method('Prune'), signal)
  await conversation.send(control.pruneRequest.encode(request))
  conversation.finish()
  for await (const message of conversation.messages) yield control.usageRecord.decode(message)
}

/** The builds that the daemon remembers. */
export const listHistory = async (
  client: GrpcClient,
  request: Omit<Parameters<typeof control.historyRequest.encode>[0], 'earlyExit'>,
  signal: AbortSignal,
) => {
  const conversation = client.open(method('ListenBuildHistory'), signal)
  await conversation.send(control.historyRequest.encode({ ...request, earlyExit: true }))
  conversation.finish()
  const events = await Array.fromAsync(conversation.messages, (message) => control.historyEvent.decode(message))
  return events.flatMap(({ record }) => (record === undefined ? [] : [record]))
}

export const updateHistory = async (
  client: GrpcClient,
  request: Parameters<typeof control.updateHistoryRequest.encode>[0],
  signal: AbortSignal,
): Promise<void> => {
  await client.unary(method('UpdateBuildHistory'), codecs(control.updateHistoryRequest, empty), request, signal)
}
