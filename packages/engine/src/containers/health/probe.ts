import { setTimeout as delay } from 'node:timers/promises'
import type { HealthcheckResult } from '@slipway/client'
import { messageOf } from '@slipway/core'
import { createExec, type ExecRecord } from '../exec/records.ts'
import { startExec } from '../exec/start.ts'
import type { ContainerRoom } from '../room.ts'
import type { OutputClient } from '../streams.ts'
import type { HealthSettings } from './settings.ts'

const longestOutput = 4096
const SIGKILL = 9
const timedOut = -1

/** The first bytes of what a probe writes; the rest is read and forgotten. */
class OutputHead implements OutputClient {
  readonly #chunks: Buffer[] = []
  #length = 0
  readonly ended = Promise.withResolvers<void>()

  write(_stream: 'stdout' | 'stderr', bytes: Buffer): boolean {
    const taken = bytes.subarray(0, longestOutput - this.#length)
    if (taken.length > 0) this.#chunks.push(Buffer.from(taken))
    this.#length += taken.length
    return true
  }

  end(): void {
    this.ended.resolve()
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}

/** `700ms`, `1.5s`, `2m0s`: a length of time in milliseconds as Go prints it. */
const goDuration = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${milliseconds}ms`
  const seconds = milliseconds / 1000
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

/** Runs the check once in the container. A check that can't be run, or takes too long, is a result too. */
export const probe = async (
  room: ContainerRoom,
  id: string,
  { command, timeout }: Pick<HealthSettings, 'command' | 'timeout'>,
): Promise<HealthcheckResult> => {
  const Start = new Date().toISOString()
  const done = (ExitCode: number, Output: string): HealthcheckResult => ({
    Start,
    End: new Date().toISOString(),
    ExitCode,
    Output,
  })
  const output = new OutputHead()
  let exec: ExecRecord | undefined
  try {
    exec = createExec(room, id, { Cmd: command, AttachStdout: true, AttachStderr: true })
    exec.streams.attach(output)
    const inTime = await endsInTime(room, exec, { timeout, ended: output.ended.promise })
    return inTime
      ? done(exec.exitCode ?? timedOut, output.text)
      : done(
          timedOut,
          [`Health check exceeded timeout (${goDuration(timeout)})`, output.text].filter(Boolean).join(': '),
        )
  } catch (error) {
    return done(timedOut, messageOf(error))
  } finally {
    if (exec !== undefined) room.execs.delete(exec.id)
  }
}

/** False when it didn't, and has been killed. */
const endsInTime = async (
  room: ContainerRoom,
  exec: ExecRecord,
  { timeout, ended }: { readonly timeout: number; readonly ended: Promise<void> },
): Promise<boolean> => {
  const patience = new AbortController()
  const late = delay(timeout, false, { signal: patience.signal, ref: false }).catch(() => false)
  try {
    const started = startExec(room, exec, {})
    const inTime = await Promise.race([started.then(() => ended).then(() => true), late])
    if (inTime) return true
    await started
    await exec.process?.kill(SIGKILL).catch(() => undefined)
    // No second probe begins before this one is gone.
    await Promise.race([ended, delay(timeout, undefined, { ref: false })])
    return false
  } finally {
    patience.abort()
  }
}
