import { invalid } from '@slipway/core'
import type { Call, Incoming, Methods } from '../grpc/method.ts'
import { GrpcError, grpcCode } from '../grpc/status.ts'
import { packet, packetType } from '../messages/fsutil.ts'
import { sessionMethods } from '../messages/session.ts'
import { bytesMessage } from '../messages/worker.ts'
import { TargetDirectory } from './directory.ts'

/** Where a result goes: into a directory, or as one file. */
export type Output =
  | { readonly kind: 'directory'; readonly path: string }
  /** `take` is called when it comes. Its bytes end with an error when not all of them came. */
  | { readonly kind: 'file'; take(bytes: AsyncIterable<Uint8Array>): Promise<void> }

async function* bytesOf(messages: Incoming): AsyncGenerator<Uint8Array> {
  for await (const message of messages) yield bytesMessage.decode(message).data
}

/** One step of fsutil's conversation: what is to be said to the daemon. */
const answer = (
  target: TargetDirectory,
  message: Uint8Array,
  state: { entries: number; open: number; isListed: boolean },
) => {
  const { type, stat, id, data } = packet.decode(message)
  if (type === packetType.error) throw invalid(`error from sender: ${Buffer.from(data).toString()}`)
  if (type === packetType.stat && stat === undefined) state.isListed = true
  if (type === packetType.stat && stat !== undefined) {
    const number = state.entries
    state.entries += 1
    if (!target.entry(stat, number)) return undefined
    state.open += 1
    return packet.encode({ type: packetType.request, id: number })
  }
  if (type === packetType.data && data.length > 0) target.data(id, data)
  if (type === packetType.data && data.length === 0) {
    target.end(id)
    state.open -= 1
  }
  return undefined
}

async function* takeDirectory(path: string, messages: Incoming): AsyncGenerator<readonly Uint8Array[]> {
  using target = new TargetDirectory(path)
  const state = { entries: 0, open: 0, isListed: false, isOver: false }
  for await (const batch of messages.batches) {
    const requests = batch.map((message) => answer(target, message, state)).filter((each) => each !== undefined)
    if (requests.length > 0) yield requests
    if (!state.isListed || state.open > 0 || state.isOver) continue
    state.isOver = true
    target.finish()
    yield [packet.encode({ type: packetType.finished })]
  }
  if (!state.isOver) throw invalid('the result of the build was not sent to its end')
}

async function* take(output: Output, messages: Incoming): AsyncGenerator<readonly Uint8Array[]> {
  if (output.kind === 'directory') yield* takeDirectory(output.path, messages)
  else await output.take(bytesOf(messages))
}

const numberOf = ({ metadata }: Call): number => Number(metadata['buildkit-attachable-exporter-id']?.[0] ?? 0)

/** Offers to take results, by the number of the output (`--output`) that they are for. */
export const offerOutputs = (outputs: ReadonlyMap<number, Output>): Methods => ({
  [sessionMethods.fileSend]: (messages, call) => {
    const output = outputs.get(numberOf(call))
    if (output === undefined) throw new GrpcError(grpcCode.notFound, `no output has the number ${numberOf(call)}`)
    return take(output, messages)
  },
})
