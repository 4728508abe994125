import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { conflict, hasCode, messageOf, type ProcessSpec, SlipwayError } from '@slipway/core'
import { capabilitySet, openStdio, processEnvironment, type Stdio } from '@slipway/runtime'
import { linkEnvironment } from '../links.ts'
import type { ContainerRecord } from '../records.ts'
import { type ContainerRoom, pathsOf, publishContainerEvent } from '../room.ts'
import { exitCodeOfFailure } from '../start-failure.ts'
import { commandText, type ExecRecord, forgetLater } from './records.ts'
import { execUser } from './user.ts'

const drainGrace = 2000

const processSpec = async (
  room: ContainerRoom,
  container: ContainerRecord,
  { body }: ExecRecord,
  consoleSize: readonly number[] | null | undefined,
): Promise<ProcessSpec> => {
  const { config, hostConfig } = container.definition
  const user = execUser(room, container, body)
  const terminal = body.Tty ?? false
  const [height = 0, width = 0] = consoleSize ?? body.ConsoleSize ?? []
  return {
    args: body.Cmd ?? [],
    env: processEnvironment({
      env: [...linkEnvironment(room.records, container), ...(config.Env ?? []), ...(body.Env ?? [])],
      hostname: config.Hostname ?? '',
      home: user.home,
      terminal,
    }),
    cwd: body.WorkingDir || config.WorkingDir || '/',
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    terminal,
    ...(height > 0 ? { consoleSize: { height, width } } : {}),
    capabilities: capabilitySet(
      {
        privileged: (body.Privileged ?? false) || (hostConfig.Privileged ?? false),
        add: hostConfig.CapAdd ?? [],
        drop: hostConfig.CapDrop ?? [],
      },
      room.networks.hostFacts.capabilities,
    ),
    noNewPrivileges: (hostConfig.SecurityOpt ?? []).some((option) => /^no-new-privileges(?:[=:]true)?$/.test(option)),
  }
}

/** Throws conflict for one that runs or has run, and where nothing can run. */
export const assertStartable = (room: ContainerRoom, exec: ExecRecord): void => {
  if (exec.exitCode !== undefined) throw conflict(`exec command ${exec.id} has already run`)
  if (exec.started) throw conflict(`Error: Exec command ${exec.id} is already running`)
  if (!room.running.has(exec.containerId)) throw conflict(`container ${exec.containerId} is not running`)
  if (room.records.find(exec.containerId).state.status === 'paused') {
    throw conflict(`Container ${exec.containerId} is paused, unpause the container before exec`)
  }
}

/**
 * Runs an exec that was made before. Resolves when the process runs; what it writes goes to whoever is attached to
 * `exec.streams`. Throws conflict when it has been started already, invalid when the command can't be run.
 */
export const startExec = async (
  room: ContainerRoom,
  exec: ExecRecord,
  options: { readonly consoleSize?: readonly number[] | null },
): Promise<void> => {
  assertStartable(room, exec)
  const running = room.running.get(exec.containerId)
  if (running === undefined) throw conflict(`container ${exec.containerId} is not running`)
  exec.started = true
  const container = room.records.find(exec.containerId)
  publishContainerEvent(room, container, `exec_start: ${commandText(exec)}`, { execID: exec.id })
  const directory = join(pathsOf(room, container.id).bundle, 'exec', exec.id.slice(0, 16))
  const stdio = openStdio({ directory, stdin: exec.body.AttachStdin ?? false, terminal: exec.body.Tty ?? false })
  try {
    const spec = await processSpec(room, container, exec, options.consoleSize)
    exec.process = await running.task.exec(exec.id, spec, stdio.paths)
    await exec.process.start()
  } catch (error) {
    stdio.close()
    exec.exitCode = exitCodeOfFailure(error)
    // Where docker's client looks for it: the answer's head is out already.
    exec.streams.tell('stdout', Buffer.from(`${messageOf(error)}\r\n`))
    exec.streams.end()
    await exec.process?.delete().catch(() => undefined)
    forgetLater(room, exec)
    throw exec.exitCode === 128 ? error : new SlipwayError('invalid', messageOf(error), { cause: error })
  }
  stdio.release()
  const drained = exec.streams.run(stdio, () => undefined)
  exec.streams.stdin.once('close', () => {
    exec.process?.closeStdin().catch((error) => {
      if (!hasCode(error, 'not-found')) room.logger.debug({ execId: exec.id, error }, 'stdin could not be closed')
    })
  })
  exec.over = finish(room, { exec, stdio, drained, directory })
}

const finish = async (
  room: ContainerRoom,
  run: {
    readonly exec: ExecRecord
    readonly stdio: Stdio
    readonly drained: Promise<void>
    readonly directory: string
  },
): Promise<void> => {
  const { exec, stdio, drained, directory } = run
  try {
    const { exitCode } = (await exec.process?.wait()) ?? { exitCode: 255 }
    await exec.process?.delete().catch(() => undefined)
    await Promise.race([drained, delay(drainGrace, undefined, { ref: false })])
    exec.exitCode = exitCode
    const container = room.records.get(exec.containerId)
    if (container) publishContainerEvent(room, container, 'exec_die', { execID: exec.id, exitCode: String(exitCode) })
  } catch (error) {
    exec.exitCode ??= 255
    room.logger.warn({ execId: exec.id, error }, 'lost sight of an exec')
  } finally {
    stdio.close()
    exec.streams.end()
    await rm(directory, { recursive: true, force: true })
    forgetLater(room, exec)
  }
}
