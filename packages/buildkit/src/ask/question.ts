import { messageOf } from '@slipway/core'
import type { GrpcClient } from '../grpc/client.ts'
import { grpcCode } from '../grpc/status.ts'
import * as gateway from '../messages/gateway.ts'
import { empty } from '../messages/wellknown.ts'
import { solve } from './control.ts'

export const bridgeMethod = (name: string): string => `/${gateway.bridgeService}/${name}`

export interface ClientBuild {
  /** The build's name, which nobody else has. */
  readonly ref: string
  readonly session: string
}

export interface Question extends ClientBuild {
  /** Of the Dockerfile frontend, with what is asked as `requestid`. */
  readonly options: ReadonlyMap<string, string>
}

/**
 * Runs a part of a build here: a build is begun that does nothing, in which `work` calls the bridge with the given metadata.
 */
export const overBridge = async <T>(
  client: GrpcClient,
  { ref, session }: ClientBuild,
  work: (metadata: Readonly<Record<string, string>>) => Promise<T>,
  signal: AbortSignal,
): Promise<T> => {
  const metadata = { 'buildkit-controlapi-buildid': ref }
  const solved = solve(client, { ref, session, internal: true }, signal)
  solved.catch(() => undefined)
  const worked = work(metadata)
  // A build that doesn't begin has no bridge: its error comes first.
  const answer = Promise.race([worked, solved.then(() => worked)])
  const codecs = { request: gateway.returnRequest, response: empty }
  const end = (how: Parameters<typeof gateway.returnRequest.encode>[0]) =>
    client.unary(bridgeMethod('Return'), codecs, how, signal, metadata)
  try {
    await answer
  } catch (error) {
    // Otherwise the build would wait for us. It has failed with the same, or hasn't begun.
    await end({ error: { code: grpcCode.unknown, message: messageOf(error) } }).catch(() => undefined)
    throw error
  }
  await end({ result: {} })
  await solved
  return await answer
}

/** Has the daemon work out what the build's Dockerfile, or a definition, comes to. */
export const solveOverBridge = async (
  client: GrpcClient,
  what: Pick<Parameters<typeof gateway.bridgeSolveRequest.encode>[0], 'frontend' | 'frontendOpt' | 'definition'>,
  signal: AbortSignal,
  metadata: Readonly<Record<string, string>>,
) => {
  const codecs = { request: gateway.bridgeSolveRequest, response: gateway.bridgeSolveResponse }
  const request = { ...what, allowResultReturn: true, allowResultArrayRef: true }
  return (await client.unary(bridgeMethod('Solve'), codecs, request, signal, metadata)).result
}

/** Asks something about a Dockerfile instead of building it. Answers come only to who runs a part of the build himself. */
export const askFrontend = (
  client: GrpcClient,
  { options, ...build }: Question,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> =>
  overBridge(
    client,
    build,
    async (metadata) => {
      const asked = { frontend: 'dockerfile.v0', frontendOpt: options }
      return (await solveOverBridge(client, asked, signal, metadata))?.metadata ?? new Map()
    },
    signal,
  )
