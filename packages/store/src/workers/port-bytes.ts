import type { MessagePort } from 'node:worker_threads'
import { SlipwayError } from '@slipway/core'
import { type ByteMessage, ByteReceiver, toFailure } from './byte-channel.ts'

const unread = (): ByteMessage => ({
  type: 'broken',
  failure: toFailure(new SlipwayError('cancelled', 'nobody reads this any further')),
})

/** Tells the sender at the other end of the port that nothing more is wanted. */
export const refuseRest = (port: MessagePort): void => {
  port.postMessage(unread())
  port.close()
}

/**
 * Bytes that another thread sends through a port: they are read here, or the port is handed on to the thread that wants them, so
 * that they needn't come by here. Each piece is good until the next is asked for. Disposing lets the sender go.
 */
export class PortBytes implements AsyncIterable<Uint8Array>, Disposable {
  #port: MessagePort | undefined

  constructor(port: MessagePort) {
    this.#port = port
  }

  /** From now on whoever has it reads; undefined: somebody does already. */
  release(): MessagePort | undefined {
    const port = this.#port
    this.#port = undefined
    return port
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    const port = this.release()
    if (port === undefined) throw new SlipwayError('internal', 'these bytes are being read already')
    try {
      yield* ByteReceiver.from(port)
    } finally {
      refuseRest(port)
    }
  }

  [Symbol.dispose](): void {
    const port = this.release()
    if (port !== undefined) refuseRest(port)
  }
}
