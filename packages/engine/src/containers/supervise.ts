import { setTimeout as delay } from 'node:timers/promises'
import { type ExitStatus, messageOf, SlipwayError } from '@slipway/core'
import { publishNetworks } from '../networks/events.ts'
import { bringUp, type Launched } from './bring-up.ts'
import { healthOf, monitorHealth } from './health/monitor.ts'
import { startingHealth } from './health/state.ts'
import { timestamp } from './logs/entry.ts'
import { isUp } from './records.ts'
import { removeContainerLocked } from './remove.ts'
import { cancelRestart, nextDelay, restartDelay } from './restart-policy.ts'
import { type ContainerRoom, containerEvent, pathsOf, publishContainerEvent } from './room.ts'
import { exitCodeOfFailure } from './start-failure.ts'
import { takeDownBundle, takeDownNetwork, takeDownRoot } from './tear-down.ts'

/** How long output may still come after the process has ended: someone who inherited the streams may hold them. */
const drainGrace = 2000

/** Starts a container's process, and looks after it from then on. The caller holds the container's lock. */
export const launch = async (room: ContainerRoom, id: string): Promise<void> => {
  const record = room.records.find(id)
  const { launched, network, startedAt } = await bringUp(room, record).catch((error) => startFailed(room, id, error))
  const running = await room.records.setState(id, {
    status: 'running',
    pid: launched.task.pid,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: timestamp(BigInt(startedAt.getTime()) * 1_000_000n),
    health: healthOf(room, id) && startingHealth,
    netns: network.netns,
    ports: network.ports,
    attachments: network.attachments,
  })
  // Clients follow the log from the time of this event: it must not be later than the first line.
  room.events.publish({ ...containerEvent(running, 'start'), at: startedAt })
  supervise(room, id, launched)
}

const startFailed = async (room: ContainerRoom, id: string, error: unknown): Promise<never> => {
  const exitCode = exitCodeOfFailure(error)
  const nothing = { pid: 0, netns: '', attachments: [], ports: [] }
  const record = await room.records.setState(id, { status: 'created', exitCode, error: messageOf(error), ...nothing })
  room.streams.get(id)?.end()
  room.streams.delete(id)
  if (record.definition.hostConfig.AutoRemove) await removeContainerLocked(room, id, { force: true })
  // docker answers 400 for a command that can't be run, and its CLI makes 126 and 127 of the text.
  throw exitCode === 128 ? error : new SlipwayError('invalid', messageOf(error), { cause: error })
}

/** Waits for a running container's end, in the background, and deals with it. */
export const supervise = (room: ContainerRoom, id: string, launched: Launched): void => {
  const run: Run = { ...launched, logClosed: new AbortController(), since: Date.now() }
  const ended = launched.task
    .wait()
    .then((status) => room.lock.run(id, () => finish(room, id, run, status)))
    .catch((error) => {
      room.logger.error({ containerId: id, error }, 'the end of a container could not be dealt with')
    })
  room.running.set(id, { ...run, ended })
  monitorHealth(room, id, run.logClosed.signal)
}

interface Run extends Launched {
  readonly logClosed: AbortController
  readonly since: number
}

const finish = async (room: ContainerRoom, id: string, run: Run, { exitCode, exitedAt }: ExitStatus): Promise<void> => {
  // Beside the shim's own work, which takes longer: no process is left to use them.
  const ended = room.records.find(id)
  const taking = Promise.all([takeDownNetwork(room, ended), takeDownRoot(room, ended)])
  // It is waited for below, and may fail before that.
  taking.catch(() => undefined)
  const oomKilled = await run.task.oomKilled().catch(() => false)
  await closeRun(room, id, run)
  await taking
  await endExecs(room, id)
  if (oomKilled) publishContainerEvent(room, room.records.find(id), 'oom')
  publishNetworks(room, room.records.find(id), 'disconnect')
  await takeDownBundle(room, { id })
  const ranFor = Date.now() - run.since
  const lastDelay = room.pendingRestarts.get(id)?.delay
  const again = restartDelay(room.records.find(id), { exitCode, ranFor, lastDelay })
  const { health } = room.records.find(id).state
  const returns = again !== undefined || room.restartsAsked.has(id)
  const record = await room.records.setState(id, {
    status: returns ? 'restarting' : 'exited',
    pid: 0,
    exitCode,
    oomKilled,
    // What isn't checked any more isn't healthy: so docker shows it.
    health: health && { ...health, Status: 'unhealthy' },
    finishedAt: timestamp(BigInt(exitedAt.getTime()) * 1_000_000n),
    netns: '',
    attachments: [],
    ports: [],
  })
  room.running.delete(id)
  if (room.stopsAsked.delete(id)) publishContainerEvent(room, record, 'stop')
  const execDuration = String(Math.floor(ranFor / 1000))
  publishContainerEvent(room, record, 'die', { exitCode: String(exitCode), execDuration })
  room.waiters.notifyExited(id, exitCode, again !== undefined)
  if (again !== undefined) scheduleRestart(room, id, again)
  else if (record.definition.hostConfig.AutoRemove && !returns) await removeContainerLocked(room, id, { force: true })
}

/** They have ended with the container: that is told before its own end is. */
const endExecs = async (room: ContainerRoom, id: string): Promise<void> => {
  const execs = [...room.execs.values()].filter(({ containerId }) => containerId === id)
  if (execs.length === 0) return
  const over = Promise.all(execs.map((exec) => exec.over))
  await Promise.race([over, delay(drainGrace, undefined, { ref: false })])
  for (const exec of execs) room.execs.delete(exec.id)
}

/** Ends the shim, takes the last output, and lets the clients go. */
const closeRun = async (room: ContainerRoom, id: string, run: Run): Promise<void> => {
  await run.task.delete().catch(async (error) => {
    room.logger.warn({ containerId: id, error }, 'the shim did not give everything back')
    await room.runtime.cleanup({ id, path: pathsOf(room, id).bundle })
  })
  await Promise.race([run.drained, delay(drainGrace, undefined, { ref: false })])
  run.stdio.close()
  run.log?.[Symbol.dispose]()
  run.logClosed.abort()
  room.streams.get(id)?.end()
  room.streams.delete(id)
}

export const scheduleRestart = (room: ContainerRoom, id: string, milliseconds: number): void => {
  const timer = setTimeout(() => void restartNow(room, id), milliseconds)
  room.pendingRestarts.set(id, { timer, delay: milliseconds })
}

const restartNow = async (room: ContainerRoom, id: string): Promise<void> => {
  try {
    await room.lock.run(id, async () => {
      const record = room.records.get(id)
      if (record === undefined || record.state.status !== 'restarting') return
      await room.records.setState(id, { restartCount: record.state.restartCount + 1 })
      await launch(room, id)
    })
  } catch (error) {
    room.logger.warn({ containerId: id, error }, 'a container could not be restarted')
    const record = room.records.get(id)
    if (record === undefined || isUp(record)) return
    const last = room.pendingRestarts.get(id)?.delay
    cancelRestart(room, id)
    await room.records.setState(id, { status: 'restarting' })
    scheduleRestart(room, id, nextDelay(last))
  }
}
