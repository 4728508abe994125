import type { Socket } from 'node:net'
import type { EngineClient } from '../connection/engine-client.ts'

export interface AttachOptions {
  readonly stdin?: boolean
  readonly stdout?: boolean
  readonly stderr?: boolean
  /** What was written before as well. */
  readonly logs?: boolean
  /** Such as `ctrl-p,ctrl-q`; the engine looks for them. */
  readonly detachKeys?: string | undefined
  readonly signal?: AbortSignal
}

/**
 * The container's streams on one connection: what is written goes to stdin, `end()` closes it. What is read are frames
 * (see `copyFrames`), or the plain bytes when the container has a terminal.
 */
export const attachContainer = (
  client: EngineClient,
  id: string,
  { stdin = false, stdout = true, stderr = true, logs = false, detachKeys, signal }: AttachOptions = {},
): Promise<Socket> =>
  client.hijack({
    path: `/containers/${encodeURIComponent(id)}/attach`,
    query: { stream: true, stdin, stdout, stderr, logs, detachKeys },
    signal,
  })
