import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { invalid, type Logger, SlipwayError } from '@slipway/core'
import { cgroupMode, findBinary } from '@slipway/linux'
import { hasLauncher, writeLauncher } from './launcher.ts'
import { isCrun, type OciRuntime, type OciRuntimes, plainRuntime } from './runtimes.ts'
import { runsContainers } from './trial.ts'

export interface RuntimeWishes {
  /** Names and programs besides those that are found in PATH, or in their place. */
  readonly added: Readonly<Record<string, string>>
  /** The default that was asked for. */
  readonly default: string | undefined
  /** A directory for programs of ours: not one in /run, which may be mounted so that nothing in it can be run. */
  readonly launchers: string
  /** systemd is to make the containers' cgroups: crun asks it to over D-Bus, runc also without. */
  readonly systemdCgroup?: boolean
  readonly isBus?: () => boolean
  readonly logger: Logger
}

/** Where sd-bus(3) looks for the system's bus. */
const systemBus = (): boolean =>
  process.env['DBUS_SYSTEM_BUS_ADDRESS'] !== undefined || existsSync('/run/dbus/system_bus_socket')

/** The one that takes less time comes first: a container's `create`, `start` and `delete` 17 ms against 49 ms. */
const preferred = ['crun', 'runc']

/**
 * The OCI runtimes of this machine, and which of them is used without a word: crun if it can run a container here, else runc.
 * Throws unavailable when there is none, or a default was asked for that lacks D-Bus; invalid when it isn't there.
 */
export const chooseRuntimes = async (wishes: RuntimeWishes): Promise<OciRuntimes> => {
  const inPath = preferred.flatMap((name) => {
    const program = findBinary(name)
    return program === undefined ? [] : [[name, program] as const]
  })
  const wanted = { ...Object.fromEntries(inPath), ...wishes.added }
  const tried = await Promise.all(Object.entries(wanted).map(([name, program]) => tryOut(name, program, wishes)))
  const all = tried.map(({ runtime }) => runtime)
  const usable = tried.flatMap(({ runtime, works }) => (works ? runtime.name : []))
  const chosen = wishes.default ?? preferred.find((name) => usable.includes(name)) ?? usable[0]
  if (chosen === undefined) {
    throw new SlipwayError(
      'unavailable',
      'neither crun nor runc was found in PATH; "npm start" in the checkout gets runc',
    )
  }
  if (all.every(({ name }) => name !== chosen)) throw invalid(`--default-runtime ${chosen}: there is no such runtime`)
  const program = all.find(({ name }) => name === chosen)?.program ?? ''
  if (lacksBus(program, wishes)) {
    throw new SlipwayError(
      'unavailable',
      `--default-runtime ${chosen}: with native.cgroupdriver=systemd crun needs D-Bus, and no system bus runs here: ` +
        'start dbus, or use runc',
    )
  }
  wishes.logger.info({ runtime: chosen }, 'containers are run with this, unless they ask for another')
  return { default: chosen, all }
}

const lacksBus = (program: string, { systemdCgroup = false, isBus = systemBus }: RuntimeWishes): boolean =>
  systemdCgroup && isCrun(program) && !isBus()

/** Others than crun are taken as they are: what is wrong with them is told by the first container. */
const tryOut = async (
  name: string,
  program: string,
  wishes: RuntimeWishes,
): Promise<{ readonly runtime: OciRuntime; readonly works: boolean }> => {
  const { launchers, logger } = wishes
  const plain = plainRuntime(name, program)
  if (!isCrun(program)) return { runtime: plain, works: true }
  if (lacksBus(program, wishes)) {
    logger.info({ runtime: name, program }, 'it cannot ask systemd for cgroups, since no system bus of D-Bus runs')
    return { runtime: plain, works: false }
  }
  if (await runsContainers(program)) return { runtime: plain, works: true }
  if (cgroupMode() === 'hybrid' && hasLauncher()) {
    const launched = { ...plain, command: join(launchers, name) }
    await writeLauncher(launched.command, program)
    if (await runsContainers(launched.command)) return { runtime: launched, works: true }
  }
  logger.info({ runtime: name, program }, 'it cannot run a container on this machine')
  return { runtime: plain, works: false }
}
