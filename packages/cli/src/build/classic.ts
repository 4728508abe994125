import { writeFile } from 'node:fs/promises'
import { type BuildAux, buildImage } from '@slipway/client'
import type { Session } from '../command.ts'
import { allCredentials } from '../config/credentials.ts'
import { bothCases, readProxies } from '../config/proxies.ts'
import { readPairs } from '../container-options/pairs.ts'
import { Exit, errorText } from '../exit.ts'
import { drainProgress, showProgress } from '../progress/show-progress.ts'
import { showUpload } from '../progress/show-upload.ts'
import { printLine, warnLine } from '../terminal/console.ts'
import { openContext } from './classic-context.ts'
import { type Explained, showExplained } from './explained.ts'
import type { BuildFlags } from './flags.ts'
import { lookAround } from './look-around.ts'

/** `NAME=value`; `NAME` alone takes the value it has here. Proxies are arguments, too. */
const readArguments = (
  entries: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  proxies: ReadonlyMap<string, string>,
): Readonly<Record<string, string | null>> => {
  const given = entries.map(
    (entry) =>
      (entry.includes('=') ? Object.entries(readPairs([entry]))[0] : undefined) ??
      ([entry, env[entry] ?? null] as const),
  )
  return Object.fromEntries([...given, ...bothCases(proxies, new Set(given.map(([name]) => name)))])
}

/** A failed step's exit code is the build's. */
const failed = (error: unknown, message = errorText(error)): never => {
  const detail = (error as { detail?: { exitCode?: unknown } }).detail
  throw new Exit(typeof detail?.exitCode === 'number' ? detail.exitCode : 1, message, { cause: error })
}

const requestBuild = async (flags: BuildFlags, source: string, session: Session) => {
  const { console, env } = session
  const context = await openContext(source, flags.file, console.stdin)
  const client = await session.client()
  const tar = context.tar === undefined || flags.quiet ? context.tar : showUpload(context.tar, console.stdout)
  return await buildImage(client, tar, {
    ...(context.dockerfile === undefined ? {} : { dockerfile: context.dockerfile }),
    ...(context.remote === undefined ? {} : { remote: context.remote }),
    tags: flags.tag,
    noCache: flags['no-cache'],
    pull: flags.pull,
    quiet: flags.quiet,
    explain: flags.explain,
    keepFailed: flags['shell-on-error'],
    remove: flags.rm,
    forceRemove: flags['force-rm'],
    buildArguments: readArguments(flags['build-arg'], env, await readProxies(session)),
    labels: readPairs(flags.label),
    target: flags.target,
    networkMode: flags.network,
    platform: flags.platform.at(-1),
    extraHosts: flags['add-host'],
    cacheFrom: flags['cache-from'],
    shmSize: flags['shm-size'],
    memory: flags.memory,
    memorySwap: flags['memory-swap'],
    cpuPeriod: flags['cpu-period'],
    cpuQuota: flags['cpu-quota'],
    cpuShares: flags['cpu-shares'],
    cpusetCpus: flags['cpuset-cpus'],
    cpusetMems: flags['cpuset-mems'],
    cgroupParent: flags['cgroup-parent'],
    ulimits: flags.ulimit,
    registryAuth: await allCredentials(await session.config()),
  })
}

/** `build` through the classic door, `POST /build`: in its own words. Gives the exit code. Throws Exit. */
export const buildClassic = async (flags: BuildFlags, source: string, session: Session): Promise<number> => {
  const { console } = session
  const messages = await requestBuild(flags, source, session)
  let id: string | undefined
  let failedImage: string | undefined
  const explained: Explained[] = []
  const onAux = (aux: unknown): void => {
    const { ID, Failed, Explained } = aux as Partial<BuildAux>
    if (Explained !== undefined) explained.push(Explained)
    id = ID ?? id
    failedImage = Failed ?? failedImage
  }
  const fail = async (error: unknown): Promise<never> => {
    showExplained(explained, console)
    if (failedImage === undefined) return failed(error)
    warnLine(console, errorText(error))
    await lookAround(session, failedImage)
    return failed(error, '')
  }
  if (flags.quiet) {
    await drainProgress(messages, ({ aux, stream }) => {
      onAux(aux ?? {})
      id ??= /^sha256:[0-9a-f]{64}$/.exec(stream?.trim() ?? '')?.[0]
    }).catch(fail)
    if (id !== undefined) printLine(console, id)
  } else await showProgress(messages, console.stdout, onAux).catch(fail)
  showExplained(explained, console)
  if (flags.iidfile !== undefined && id !== undefined) await writeFile(flags.iidfile, id)
  return 0
}
