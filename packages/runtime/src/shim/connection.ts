import { hasCode } from '@slipway/core'
import type { Codec, MessageOf } from '@slipway/protobuf'
import { taskCalls } from './calls.ts'
import { TtrpcClient } from './ttrpc.ts'

type CallName = keyof typeof taskCalls
type RequestOf<Name extends CallName> = MessageOf<(typeof taskCalls)[Name]['request']>
type ResponseOf<Name extends CallName> = MessageOf<(typeof taskCalls)[Name]['response']>

/** Where a shim listens, and which service it speaks: what has to be known to find it again. */
export interface ShimAddress {
  /** Path of its unix socket. */
  readonly socket: string
  /** 2 for shims that answer `start` with a plain address, else what they said. */
  readonly version: number
}

/** True when a call failed because no process listens any more: the shim is dead, not merely slow. */
export const shimIsGone = (error: unknown): boolean => hasCode(error, 'unavailable') && error.detail['gone'] === true

/** Asks whether a shim whose connection was lost is dead: it may have been about to die when it was called. */
export const isGone = async (address: ShimAddress): Promise<boolean> => {
  await using connection = new ShimConnection(address)
  return connection.call('connect', {}).then(() => false, shimIsGone)
}

/** A shim, connected when it is first needed, and again when the connection was lost. */
export class ShimConnection implements AsyncDisposable {
  readonly address: ShimAddress
  #client: Promise<TtrpcClient> | undefined

  constructor(address: ShimAddress) {
    this.address = address
  }

  /** Throws what the shim answered; unavailable when the connection dropped (see `shimIsGone`). */
  async call<Name extends CallName>(name: Name, request: Partial<RequestOf<Name>>): Promise<ResponseOf<Name>> {
    const { method, request: encoder, response: decoder } = taskCalls[name]
    const client = await this.#connected()
    return client.call(
      {
        service: `containerd.task.v${this.address.version}.Task`,
        method,
        request: encoder as unknown as Codec<RequestOf<Name>>,
        response: decoder as unknown as Codec<ResponseOf<Name>>,
      },
      request,
    )
  }

  async #connected(): Promise<TtrpcClient> {
    const known = await this.#client?.catch(() => undefined)
    if (known?.alive) return known
    const opening = TtrpcClient.open(this.address.socket)
    this.#client = opening
    return opening
  }

  /** It doesn't keep the process alive any more. */
  async unref(): Promise<void> {
    const client = await this.#client?.catch(() => undefined)
    client?.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = await this.#client?.catch(() => undefined)
    await client?.[Symbol.asyncDispose]()
  }
}
