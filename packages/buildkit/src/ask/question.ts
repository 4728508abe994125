import type { GrpcClient } from '../grpc/client.ts'
import * as gateway from '../messages/gateway.ts'
import { empty } from '../messages/wellknown.ts'
import { solve } from './control.ts'

const method = (name: string): string => `/${gateway.bridgeService}/${name}`

export interface Question {
  /** The build's name, which nobody else has. */
  readonly ref: string
  readonly session: string
  /** Of the Dockerfile frontend, with what is asked as `requestid`. */
  readonly options: ReadonlyMap<string, string>
}

/**
 * Asks something about a Dockerfile instead of building it. Answers come only to who runs a part of the build himself: a build
 * is begun that does nothing, in which the frontend is asked over the bridge.
 */
export const askFrontend = async (
  client: GrpcClient,
  { ref, session, options }: Question,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> => {
  const metadata = { 'buildkit-controlapi-buildid': ref }
  const solved = solve(client, { ref, session, internal: true }, signal)
  solved.catch(() => undefined)
  const asked = client.unary(
    method('Solve'),
    { request: gateway.bridgeSolveRequest, response: gateway.bridgeSolveResponse },
    { frontend: 'dockerfile.v0', frontendOpt: options, allowResultReturn: true, allowResultArrayRef: true },
    signal,
    metadata,
  )
  // A build that doesn't begin has no bridge: its error comes first.
  const { result } = await Promise.race([asked, solved.then(() => asked)])
  const codecs = { request: gateway.returnRequest, response: empty }
  await client.unary(method('Return'), codecs, { result: {} }, signal, metadata)
  await solved
  return result?.metadata ?? new Map()
}
