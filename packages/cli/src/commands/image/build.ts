import { writeFile } from 'node:fs/promises'
import { type BuildAux, buildImage } from '@slipway/client'
import { type Explained, showExplained } from '../../build-context/explained.ts'
import { lookAround } from '../../build-context/look-around.ts'
import { openContext } from '../../build-context/open-context.ts'
import { defineCommand, exactly } from '../../command.ts'
import { allCredentials } from '../../config/credentials.ts'
import { listOf } from '../../container-options/create-flags.ts'
import { parseUlimit } from '../../container-options/limits.ts'
import { readPairs } from '../../container-options/pairs.ts'
import { Exit, errorText } from '../../exit.ts'
import { integer, list, text, toggle } from '../../flags/flag.ts'
import { size, sizeOrUnlimited } from '../../flags/quantity.ts'
import { drainProgress, showProgress } from '../../progress/show-progress.ts'
import { showUpload } from '../../progress/show-upload.ts'
import { printLine, warnLine } from '../../terminal/console.ts'

/** `NAME=value`; `NAME` alone takes the value it has here. */
const readArguments = (
  entries: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    entries.map(
      (entry) =>
        (entry.includes('=') ? Object.entries(readPairs([entry]))[0] : undefined) ?? [entry, env[entry] ?? null],
    ),
  )

/** A failed step's exit code is the build's. */
const failed = (error: unknown, message = errorText(error)): never => {
  const detail = (error as { detail?: { exitCode?: unknown } }).detail
  throw new Exit(typeof detail?.exitCode === 'number' ? detail.exitCode : 1, message, { cause: error })
}

export const command = defineCommand({
  names: ['image build', 'builder build', 'build'],
  usage: '[OPTIONS] PATH | URL | -',
  summary: 'Build an image from a Dockerfile',
  operands: exactly(1),
  flags: {
    'add-host': list('', 'Add a custom host-to-IP mapping ("host:ip")'),
    'build-arg': list('', 'Set build-time variables'),
    'cache-from': list('', 'Images to consider as cache sources', { placeholder: 'strings' }),
    'cgroup-parent': text('', 'Set the parent cgroup for the "RUN" instructions during build'),
    'cpu-period': integer('', 'Limit the CPU CFS (Completely Fair Scheduler) period'),
    'cpu-quota': integer('', 'Limit the CPU CFS (Completely Fair Scheduler) quota'),
    'cpu-shares': integer('c', 'CPU shares (relative weight)'),
    'cpuset-cpus': text('', 'CPUs in which to allow execution (0-3, 0,1)'),
    'cpuset-mems': text('', 'MEMs in which to allow execution (0-3, 0,1)'),
    explain: toggle('', 'Tell of each step why it was or was not cached'),
    file: text('f', 'Name of the Dockerfile (Default is "PATH/Dockerfile")'),
    'force-rm': toggle('', 'Always remove intermediate containers'),
    iidfile: text('', 'Write the image ID to the file'),
    label: list('', 'Set metadata for an image'),
    memory: size('m', 'Memory limit'),
    'memory-swap': sizeOrUnlimited('', 'Swap limit equal to memory plus swap: -1 to enable unlimited swap'),
    network: text('', 'Set the networking mode for the RUN instructions during build', { shownDefault: '"default"' }),
    'no-cache': toggle('', 'Do not use cache when building the image'),
    platform: text('', 'Set platform if server is multi-platform capable'),
    pull: toggle('', 'Always attempt to pull a newer version of the image'),
    quiet: toggle('q', 'Suppress the build output and print image ID on success'),
    rm: toggle('', 'Remove intermediate containers after a successful build', { initial: true }),
    'shell-on-error': toggle('', 'Open a shell in what a step that fails leaves behind'),
    'shm-size': size('', 'Size of "/dev/shm"'),
    tag: list('t', 'Name and optionally a tag in the "name:tag" format'),
    target: text('', 'Set the target build stage to build.'),
    ulimit: listOf('', 'Ulimit options', parseUlimit, { placeholder: 'ulimit', shownDefault: '[]' }),
  },
  run: async ({ flags, operands: [source = ''], session }) => {
    const { console, env } = session
    const context = await openContext(source, flags.file, console.stdin)
    const client = await session.client()
    const tar = context.tar === undefined || flags.quiet ? context.tar : showUpload(context.tar, console.stdout)
    const messages = await buildImage(client, tar, {
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
      buildArguments: readArguments(flags['build-arg'], env),
      labels: readPairs(flags.label),
      target: flags.target,
      networkMode: flags.network,
      platform: flags.platform,
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
  },
})
