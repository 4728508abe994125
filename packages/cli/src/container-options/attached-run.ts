import {
  attachContainer,
  type ContainerConfig,
  type EngineClient,
  killContainer,
  resizeContainer,
  startContainer,
  type WaitResponse,
  waitContainer,
} from '@slipway/client'
import { Exit, errorText, exitCodeOfStart } from '../exit.ts'
import type { Console } from '../terminal/console.ts'
import { followSize } from '../terminal/follow-size.ts'
import { forwardSignals } from '../terminal/forward-signals.ts'
import { joinStreams } from '../terminal/join-streams.ts'

export interface AttachedRun {
  readonly client: EngineClient
  readonly console: Console
  readonly id: string
  readonly terminal: boolean
  readonly streams: Pick<ContainerConfig, 'AttachStdin' | 'AttachStdout' | 'AttachStderr'>
  readonly autoRemove: boolean
  readonly forwardSignals: boolean
  readonly detachKeys?: string | undefined
}

const exitCodeOf = ({ StatusCode, Error: failure }: WaitResponse): number => {
  if (failure) throw new Exit(125, failure.Message)
  return StatusCode
}

/**
 * Attaches, then starts, then waits for the end: in this order nothing of the output and no early end is missed. Gives
 * the exit code of the container; 0 when its user has let go of it. Throws Exit 125, 126 or 127 when it can't be started.
 */
export const runAttached = async (run: AttachedRun): Promise<number> => {
  const { client, console, id, terminal, streams, detachKeys } = run
  const { AttachStdin: stdin = false, AttachStdout: stdout = false, AttachStderr: stderr = false } = streams
  const connection = await attachContainer(client, id, { stdin, stdout, stderr, detachKeys })
  using _signals = run.forwardSignals ? forwardSignals((signal) => killContainer(client, id, signal)) : undefined
  const { exit } = await waitContainer(client, id, { condition: run.autoRemove ? 'removed' : 'next-exit' })
  const streaming = joinStreams(console, connection, { terminal, stdin, detachKeys })
  streaming.catch(() => undefined)
  try {
    await startContainer(client, id, { detachKeys })
  } catch (error) {
    connection.destroy()
    await streaming.catch(() => undefined)
    throw new Exit(exitCodeOfStart(error), errorText(error), { cause: error })
  }
  using _size = terminal ? followSize(console.stdout, (size) => resizeContainer(client, id, size)) : undefined
  return (await streaming) === 'detached' ? 0 : exitCodeOf(await exit)
}
