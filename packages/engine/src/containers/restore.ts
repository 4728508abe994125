import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unmount } from '@slipway/linux'
import { reopenStdio } from '@slipway/runtime'
import { connectStreams } from './bring-up.ts'
import { timestamp } from './logs/entry.ts'
import { hideLeftovers } from './mounts/ready.ts'
import { type ContainerRecord, isUp } from './records.ts'
import { removeContainerLocked } from './remove.ts'
import { firstRestartDelay } from './restart-policy.ts'
import { type ContainerRoom, pathsOf, publishContainerEvent } from './room.ts'
import { scheduleRestart, supervise } from './supervise.ts'
import { tearDown } from './tear-down.ts'

/** 255: it ended while nobody looked, as dockerd says it. */
const unknownExit = 255

/**
 * After a start of the engine: finds again what still runs, writes down what has ended meanwhile, takes away what was half
 * begun, and starts what is to be restarted (the reboot case). Called once, before the first request is served.
 */
export const restoreContainers = async (room: ContainerRoom): Promise<void> => {
  await Promise.all(room.records.all().map((record) => restoreOne(room, record)))
  await removeLeftovers(room)
  // Not before: a bundle that is being made anew would be taken for a leftover.
  for (const { id, state } of room.records.all()) {
    if (state.status === 'restarting') scheduleRestart(room, id, firstRestartDelay)
  }
}

const restoreOne = async (room: ContainerRoom, record: ContainerRecord): Promise<void> => {
  try {
    if (isUp(record)) await findAgain(room, record)
    else if (record.state.status === 'removing') await removeContainerLocked(room, record.id, { force: true })
    else if (record.definition.hostConfig.AutoRemove && record.state.finishedAt) {
      await removeContainerLocked(room, record.id, { force: true })
    } else if (isToBeStartedAgain(record)) {
      await room.records.setState(record.id, { status: 'restarting', manuallyStopped: false })
    }
  } catch (error) {
    room.logger.error({ containerId: record.id, error }, 'a container could not be found again')
  }
}

/** As docker documents `always`: who stopped it by hand gets it back when the daemon starts. */
const isToBeStartedAgain = ({ definition, state }: ContainerRecord): boolean =>
  state.status === 'exited' && definition.hostConfig.RestartPolicy?.Name === 'always'

const findAgain = async (room: ContainerRoom, record: ContainerRecord): Promise<void> => {
  const { id, definition } = record
  const { config } = definition
  const paths = pathsOf(room, id)
  const bundle = { id, path: paths.bundle }
  const task = await room.runtime.load(bundle)
  if (task === undefined) {
    await lost(room, record)
    return
  }
  const stdio = reopenStdio({
    directory: join(paths.bundle, 'io'),
    stdin: config.OpenStdin ?? false,
    terminal: config.Tty ?? false,
  })
  const launched = connectStreams(room, record, task, stdio)
  const state = await task.state()
  await room.records.setState(id, { pid: task.pid, status: state === 'paused' ? 'paused' : 'running' })
  supervise(room, id, launched)
}

/** Its shim is gone: a reboot, or someone killed it. */
const lost = async (room: ContainerRoom, record: ContainerRecord): Promise<void> => {
  const { id, definition, state } = record
  await room.runtime.cleanup({ id, path: pathsOf(room, id).bundle })
  await tearDown(room, record)
  const policy = definition.hostConfig.RestartPolicy?.Name
  const again =
    policy === 'always' ||
    (!state.manuallyStopped && (policy === 'unless-stopped' || policy === 'on-failure' || policy === 'on-unhealthy'))
  const ended = await room.records.setState(id, {
    status: again ? 'restarting' : 'exited',
    pid: 0,
    exitCode: unknownExit,
    finishedAt: timestamp(),
    netns: '',
    attachments: [],
    ports: [],
  })
  publishContainerEvent(room, ended, 'die', { exitCode: String(unknownExit) })
  if (!again && definition.hostConfig.AutoRemove) await removeContainerLocked(room, id, { force: true })
}

/** Bundles of starts that a crash cut off: nobody was told that they run. */
const removeLeftovers = async (room: ContainerRoom): Promise<void> => {
  await hideLeftovers(room)
  const [bundles, data] = await Promise.all([entriesOf(room.execRoot), entriesOf(room.dataRoot)])
  for (const id of bundles.filter((name) => !room.running.has(name))) {
    const path = join(room.execRoot, id)
    await room.runtime.cleanup({ id, path }).catch((error) => {
      room.logger.warn({ containerId: id, error }, 'what a crash left could not be taken away')
    })
    unmount(join(path, 'rootfs'), { lazy: true })
    await rm(path, { recursive: true, force: true })
  }
  for (const id of data.filter((name) => room.records.get(name) === undefined)) {
    await rm(join(room.dataRoot, id), { recursive: true, force: true })
  }
}

const entriesOf = (directory: string): Promise<readonly string[]> => readdir(directory).catch(() => [])
