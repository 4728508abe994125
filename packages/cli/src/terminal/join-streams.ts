import { once } from 'node:events'
import type { Socket } from 'node:net'
import { copyFrames } from '@slipway/client'
import type { Console, ConsoleOutput } from './console.ts'
import { defaultDetachKeys, parseDetachKeys, watchForKeys } from './detach-keys.ts'
import { makeRaw } from './raw-mode.ts'

export interface StreamOptions {
  /** The other end has a terminal: bytes go through as they are, ours becomes raw. */
  readonly terminal: boolean
  /** Send what comes on stdin. */
  readonly stdin: boolean
  readonly detachKeys?: string | undefined
}

/** How a conversation over the streams came to its end. */
export type StreamEnd = 'closed' | 'detached'

const writeAll = async (source: AsyncIterable<Uint8Array>, to: ConsoleOutput): Promise<void> => {
  for await (const bytes of source) if (!to.write(bytes)) await once(to, 'drain')
}

/** Sends stdin over; its end is an end over there, while the output goes on. Gives back what stops it. */
const sendStdin = ({ stdin }: Console, connection: Socket, onBytes: (bytes: Uint8Array) => void): (() => void) => {
  const onData = (bytes: Buffer): void => {
    if (!connection.write(bytes)) stdin.pause()
    onBytes(bytes)
  }
  const onEnd = (): void => {
    connection.end()
  }
  const onDrain = (): void => {
    stdin.resume()
  }
  stdin.on('data', onData).once('end', onEnd).once('error', onEnd)
  connection.on('drain', onDrain)
  return () => {
    stdin.off('data', onData).off('end', onEnd).off('error', onEnd).pause()
    connection.off('drain', onDrain)
  }
}

/** Joins the console to an attached connection until the other end closes it, or the detach keys are typed. */
export const joinStreams = async (
  console: Console,
  connection: Socket,
  { terminal, stdin, detachKeys = defaultDetachKeys }: StreamOptions,
): Promise<StreamEnd> => {
  const isDetach = watchForKeys(parseDetachKeys(detachKeys))
  const undoRaw = terminal && stdin ? makeRaw(console) : () => undefined
  const detached = Promise.withResolvers<StreamEnd>()
  const stopStdin = stdin
    ? sendStdin(console, connection, (bytes) => {
        if (terminal && isDetach(bytes)) detached.resolve('detached')
      })
    : () => undefined
  const output = terminal ? writeAll(connection, console.stdout) : copyFrames(connection, console)
  const closed = output.then((): StreamEnd => 'closed')
  try {
    return await Promise.race([closed, detached.promise])
  } catch (error) {
    // The engine may close with unread input on the way (ECONNRESET, EPIPE): the container's end says how it went.
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE') return 'closed'
    throw error
  } finally {
    closed.catch(() => undefined)
    stopStdin()
    undoRaw()
    // What was typed last may still be on its way.
    connection.destroySoon()
  }
}
