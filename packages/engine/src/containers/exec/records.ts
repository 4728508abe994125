import { randomBytes } from 'node:crypto'
import type { ExecCreateBody, ExecInspect } from '@slipway/client'
import { conflict, type ExecProcess, invalid, notFound } from '@slipway/core'
import { parseDetachKeys } from '../attach-client.ts'
import { type ContainerRoom, publishContainerEvent } from '../room.ts'
import { Streams } from '../streams.ts'
import { execUser } from './user.ts'

/** A further process of a container. It lives in memory: an exec doesn't outlive the daemon's knowledge of it. */
export interface ExecRecord {
  readonly id: string
  readonly containerId: string
  readonly body: ExecCreateBody
  readonly streams: Streams
  started: boolean
  process: ExecProcess | undefined
  /** undefined while it runs. */
  exitCode: number | undefined
  /** Resolves when it has ended, and that has been told; undefined before it runs. */
  over: Promise<void> | undefined
}

/** Execs that have ended are kept this long for those who ask for the exit code. */
const keptAfterEnd = 300_000

export const createExec = (room: ContainerRoom, idOrName: string, body: ExecCreateBody | undefined): ExecRecord => {
  const container = room.records.find(idOrName)
  if (body?.Cmd === undefined || body.Cmd === null || body.Cmd.length === 0) throw invalid('No exec command specified')
  const { status } = container.state
  if (status === 'paused') {
    throw conflict(`Container ${idOrName} is paused, unpause the container before exec`)
  }
  if (status !== 'running') throw conflict(`container ${container.id} is not running`)
  if (body.DetachKeys && parseDetachKeys(body.DetachKeys) === undefined) {
    throw invalid(`Invalid escape keys (${body.DetachKeys.slice(0, 80)}) provided`)
  }
  // An unknown user is told at once, as docker does: the answer to a start has no room for an error.
  execUser(room, container, body)
  const exec: ExecRecord = {
    id: randomBytes(32).toString('hex'),
    containerId: container.id,
    body,
    streams: new Streams(),
    started: false,
    process: undefined,
    exitCode: undefined,
    over: undefined,
  }
  room.execs.set(exec.id, exec)
  publishContainerEvent(room, container, `exec_create: ${commandText(exec)}`, { execID: exec.id })
  return exec
}

/** The command in events: docker puts a space behind the first word, whatever follows. */
export const commandText = ({ body }: Pick<ExecRecord, 'body'>): string => {
  const [first = '', ...rest] = body.Cmd ?? []
  return `${first} ${rest.join(' ')}`
}

export const findExec = (room: ContainerRoom, id: string): ExecRecord => {
  const exec = room.execs.get(id)
  if (exec === undefined) throw notFound('exec instance', id)
  return exec
}

export const forgetLater = (room: ContainerRoom, exec: ExecRecord): void => {
  setTimeout(() => room.execs.delete(exec.id), keptAfterEnd).unref()
}

export const inspectExec = (exec: ExecRecord): ExecInspect => {
  const [entrypoint = '', ...args] = exec.body.Cmd ?? []
  const running = exec.started && exec.exitCode === undefined
  return {
    ID: exec.id,
    ContainerID: exec.containerId,
    Running: running,
    ExitCode: exec.exitCode ?? null,
    Pid: running ? (exec.process?.pid ?? 0) : 0,
    ProcessConfig: {
      entrypoint,
      arguments: args,
      tty: exec.body.Tty ?? false,
      privileged: exec.body.Privileged ?? false,
      ...(exec.body.User ? { user: exec.body.User } : {}),
    },
    OpenStdin: exec.body.AttachStdin ?? false,
    OpenStdout: exec.body.AttachStdout ?? false,
    OpenStderr: exec.body.AttachStderr ?? false,
    CanRemove: !running && exec.started,
    DetachKeys: exec.body.DetachKeys ?? '',
  }
}
