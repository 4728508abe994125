import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { control, GrpcClient, gateway, llb, type Methods, serveGrpc } from '@slipway/buildkit'
import { digestOf } from '@slipway/core'

type Written = Parameters<typeof llb.op.encode>[0]

/** One operation of a definition, and those that it stands on. */
export interface Made {
  readonly op: Written
  readonly inputs: readonly Output[]
}

export interface Output {
  readonly made: Made
  readonly index: number
}

export const operation = (op: Written, ...inputs: readonly Output[]): Made => ({ op, inputs })
export const output = (made: Made, index = 0): Output => ({ made, index })

/** As clients write it: every operation as bytes, after those that it stands on; the last one names the result. */
export const definitionOf = (end: Output): llb.Definition => {
  const written = new Map<string, Uint8Array>()
  const digests = new Map<Made, string>()
  const write = (made: Made): string => {
    const known = digests.get(made)
    if (known !== undefined) return known
    const inputs = made.inputs.map(({ made: input, index }) => ({ digest: write(input), index }))
    const bytes = llb.op.encode({ ...made.op, inputs })
    const digest = digestOf(bytes)
    digests.set(made, digest)
    written.set(digest, bytes)
    return digest
  }
  write({ op: {}, inputs: [end] })
  return { def: [...written.values()], metadata: new Map() }
}

/** What buildctl and other frontends do: speaks BuildKit's API with an engine. */
export class BuildClient implements Disposable {
  readonly session = randomUUID()
  readonly ref = randomUUID()
  readonly #grpc: GrpcClient
  readonly #sessionSocket: Duplex

  private constructor(grpc: GrpcClient, sessionSocket: Duplex, serve: (socket: Duplex) => void) {
    this.#grpc = grpc
    this.#sessionSocket = sessionSocket
    serve(sessionSocket)
  }

  /** `offered`: what the daemon may ask for in the session. */
  static async open(socketPath: string, offered: Methods = {}): Promise<BuildClient> {
    const grpc = new GrpcClient(connect(socketPath))
    const id = randomUUID()
    const asked = request({
      socketPath,
      path: '/session',
      method: 'POST',
      headers: {
        connection: 'Upgrade',
        upgrade: 'h2c',
        'x-docker-expose-session-uuid': id,
        'x-docker-expose-session-grpc-method': Object.keys(offered),
      },
    }).end()
    const [, socket, head] = (await once(asked, 'upgrade')) as [unknown, Duplex, Buffer]
    if (head.length > 0) socket.unshift(head)
    const client = new BuildClient(grpc, socket, (it) => void serveGrpc(it, offered).catch(() => undefined))
    return Object.assign(client, { session: id })
  }

  solve(request: Parameters<typeof control.solveRequest.encode>[0], signal: AbortSignal) {
    const codecs = { request: control.solveRequest, response: control.solveResponse }
    const whole = { ref: this.ref, session: this.session, ...request }
    return this.#grpc.unary(`/${control.controlService}/Solve`, codecs, whole, signal)
  }

  /** Calls the bridge for the build of `ref`. */
  bridge<Asked, Answered>(
    method: string,
    codecs: {
      readonly request: { encode(value: Asked): Uint8Array; decode(bytes: Uint8Array): unknown }
      readonly response: { encode(value: never): Uint8Array; decode(bytes: Uint8Array): Answered }
    },
    message: Asked,
    signal: AbortSignal,
  ): Promise<Answered> {
    const metadata = { 'buildkit-controlapi-buildid': this.ref }
    return this.#grpc.unary(`/${gateway.bridgeService}/${method}`, codecs, message, signal, metadata)
  }

  [Symbol.dispose](): void {
    this.#grpc[Symbol.dispose]()
    this.#sessionSocket.destroy()
  }
}
