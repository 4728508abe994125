import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DiffId, type Resources, SlipwayError } from '@slipway/core'
import {
  buildSpec,
  readHostFacts,
  resolveUser,
  type SpecInput,
  type SpecMount,
  type SpecRlimit,
  wasKilledForMemory,
} from '@slipway/runtime'
import {
  type ContentKey,
  type Edge,
  edge,
  type KeyParts,
  type Op,
  type OpContext,
  type Result,
} from '../graph/vertex.ts'
import type { AttachedNetwork, BuildWorker, StepNetwork } from '../worker.ts'
import type { Listing } from './file/listing.ts'
import { fileParts, identityOf, keyOf, markOf } from './identity.ts'
import { makeLayer, type Workplace } from './layer.ts'
import { type AttachedMounts, attachMounts, hashMounted } from './mount/attach.ts'
import { type BindMount, keyOfMount, type StepMount } from './mount/mount.ts'
import { makeAbove, removeStubs, watchStubs } from './stubs.ts'

/** What a process may use. */
export interface StepLimits {
  readonly rlimits?: readonly SpecRlimit[]
  /** Below which its cgroup lies. */
  readonly cgroupParent?: string
}

/** A command and all around it that can change what it does. */
export interface Execution {
  readonly args: readonly string[]
  readonly env: readonly string[]
  /** Set for the process, but no part of the key: a proxy changes the way to the same bytes. */
  readonly proxies: readonly string[]
  readonly cwd: string
  /** As in USER; empty: root. */
  readonly user: string
  readonly network: StepNetwork
  readonly extraHosts: readonly string[]
  readonly resources: Resources
  readonly limits: StepLimits
  /** Bytes. */
  readonly shmSize?: number
  /** Their `input` counts from 1: 0 is the file system that it runs in. */
  readonly mounts: readonly StepMount[]
  /** With which of them it has succeeded. Default: 0 alone. */
  readonly exitCodes?: readonly number[]
  /** Default: BuildKit's `buildkitsandbox`. */
  readonly hostname?: string
  /** SOURCE_DATE_EPOCH: seconds since 1970; nothing it writes is younger. */
  readonly newest?: number
  /** A script, mounted read-only at `path`. */
  readonly file?: { readonly path: string; readonly content: string }
}

const defaultHostname = 'buildkitsandbox'

/** Shown in errors: the command as one line. */
const commandLine = (args: readonly string[]): string => args.join(' ')

/**
 * The process ended with another code than 0; `detail` has `exitCode` and `command`, and `outOfMemory` where the kernel killed
 * it, or one that it began: what it makes of that is anything.
 */
const failedProcess = ({ args }: Execution, { id }: Workplace, exitCode: number): SlipwayError => {
  const command = commandLine(args)
  const outOfMemory = wasKilledForMemory(id)
  const why = outOfMemory ? 'cannot allocate memory' : `exit code: ${exitCode}`
  return new SlipwayError('invalid', `process ${JSON.stringify(command)} did not complete successfully: ${why}`, {
    detail: { exitCode, command, ...(outOfMemory ? { outOfMemory } : {}) },
  })
}

/** The process never was; `detail` has `unstarted`, its command. */
const unstarted = (args: readonly string[], error: unknown): unknown =>
  error instanceof SlipwayError && error.code !== 'cancelled'
    ? new SlipwayError(error.code, error.message, {
        cause: error,
        detail: { ...error.detail, unstarted: commandLine(args) },
      })
    : error

const networkMounts = ({ files }: AttachedNetwork): readonly SpecMount[] =>
  Object.entries({ '/etc/resolv.conf': files.resolvConf, '/etc/hosts': files.hosts }).map(
    ([destination, source]) => ({ kind: 'bind', source, destination, readonly: true }) as const,
  )

const writeScript = async (execution: Execution, { directory }: Workplace): Promise<readonly SpecMount[]> => {
  if (execution.file === undefined) return []
  const source = join(directory, 'script')
  await writeFile(source, execution.file.content, { mode: 0o755 })
  return [{ kind: 'bind', source, destination: execution.file.path, readonly: true }]
}

const userOf = ({ args, user }: Execution, { rootfs }: Workplace) => {
  try {
    return resolveUser(rootfs, user)
  } catch (error) {
    throw unstarted(args, error)
  }
}

const specInput = (
  execution: Execution,
  place: Workplace,
  network: AttachedNetwork,
  {
    mounts,
    env,
    cgroups,
  }: Pick<AttachedMounts, 'mounts' | 'env'> & {
    readonly cgroups: BuildWorker['cgroups']
  },
): SpecInput => ({
  id: place.id,
  rootfs: { path: place.rootfs, readonly: false },
  args: execution.args,
  // As BuildKit, and other than a container, a step isn't told its host's name.
  env: ['HOSTNAME', ...execution.proxies, ...execution.env, ...env],
  cwd: execution.cwd,
  user: userOf(execution, place),
  terminal: false,
  hostname: execution.hostname ?? defaultHostname,
  namespaces: { network: network.netns === undefined ? 'host' : { path: network.netns } },
  mounts,
  ...(execution.shmSize === undefined ? {} : { shmSize: execution.shmSize }),
  resources: execution.resources,
  ...(cgroups === undefined ? {} : { cgroupParent: cgroups.parent, systemdCgroup: cgroups.systemd }),
  ...execution.limits,
  host: readHostFacts(),
})

const runInBundle = async (
  execution: Execution,
  place: Workplace,
  inputs: readonly Result[],
  context: OpContext,
): Promise<ReadonlyMap<number, readonly DiffId[]>> => {
  const { worker, signal } = context
  const { extraHosts } = execution
  await using network = await worker.networks.attach(place.id, execution.network, {
    directory: join(place.directory, 'network'),
    hostname: execution.hostname ?? defaultHostname,
    extraHosts,
    signal,
  })
  await using attached = await attachMounts(execution.mounts, {
    id: place.id,
    directory: join(place.directory, 'mounts'),
    inputs,
    context,
  })
  makeAbove(
    place.rootfs,
    attached.mounts.map(({ destination }) => destination),
  )
  const mounts = [...networkMounts(network), ...(await writeScript(execution, place)), ...attached.mounts]
  const spec = buildSpec(specInput(execution, place, network, { mounts, env: attached.env, cgroups: worker.cgroups }))
  const bundle = { id: place.id, path: place.directory }
  context.onRunning(place.id)
  const exitCode = await worker.runtime
    .run(bundle, spec, { onOutput: context.onOutput, signal })
    .catch((error: unknown) => {
      throw unstarted(execution.args, error)
    })
  const { exitCodes = [0] } = execution
  if (!exitCodes.includes(exitCode)) throw failedProcess(execution, place, exitCode)
  return await attached.commit()
}

/** Which input the mounts that are outputs begin with, in the order of the outputs. */
const outputsOf = ({ mounts }: Execution): readonly number[] => [
  0,
  ...mounts
    .flatMap((mount) => (mount.kind === 'bind' && mount.output !== undefined ? [mount as Required<BindMount>] : []))
    .sort((a, b) => a.output - b.output)
    .map(({ input }) => input),
]

/** What of the execution is part of the key: of further hosts the names, and not where they are. */
const keyed = ({ proxies: _, extraHosts, resources: __, limits: ___, mounts, ...rest }: Execution) => ({
  ...rest,
  ...(extraHosts.length === 0 ? {} : { hosts: extraHosts.map(hostOf) }),
  ...(mounts.length === 0 ? {} : { mounts: mounts.map(keyOfMount) }),
})

/** `name:address` */
const hostOf = (entry: string): string => entry.split(':', 1)[0] ?? ''

/** The key by what the mounts show, for those whose input has no name of its own, or is another and shows the same. */
const contentKeyOf =
  (execution: Execution) =>
  async ([base, ...others]: readonly Result[], context: OpContext): Promise<ContentKey> => {
    const listings: Listing[] = []
    const shown = await Promise.all(
      execution.mounts.map(async (mount) => {
        if (mount.kind !== 'bind') return keyOfMount(mount)
        const input = others[mount.input - 1]
        const { source, input: _, ...rest } = mount
        if (input === undefined) return rest
        const { digest, listing = {} } = await hashMounted(source, input, context)
        listings.push(listing)
        return [rest, digest]
      }),
    )
    const { mounts: _, ...rest } = { mounts: [], ...keyed(execution) }
    const key = keyOf('exec-content', defaultHostname, rest, shown, base === undefined ? null : identityOf(base))
    return { key, parts: fileParts(markOf(shown), listings) }
  }

const nameOf = (variable: string): string => variable.split('=', 1)[0] ?? ''

/** Of variables of one name the later one counts. */
const partsOf = (execution: Execution): KeyParts => {
  const { args, file, env, mounts, proxies: _, extraHosts, resources: __, limits: ___, ...rest } = execution
  const settings = Object.entries(rest).filter(([, value]) => value !== undefined)
  return Object.fromEntries([
    ['instruction', markOf([args, file])],
    ...settings.map(([name, value]) => [name, markOf(value)]),
    ...env.map((variable) => [`env ${nameOf(variable)}`, markOf(variable)]),
    ...(extraHosts.length === 0 ? [] : [['hosts', markOf(extraHosts.map(hostOf))]]),
    ...mounts.map((mount) => [`mount ${mount.target ?? ''}`, markOf(keyOfMount(mount))]),
  ])
}

const execOp = (execution: Execution): Op => ({
  kind: 'exec',
  cacheKey: (inputs) =>
    inputs.includes(undefined) ? undefined : keyOf('exec', defaultHostname, keyed(execution), ...inputs),
  ...(execution.mounts.some(({ kind }) => kind === 'bind') ? { contentKey: contentKeyOf(execution) } : {}),
  parts: () => partsOf(execution),
  outputs: outputsOf(execution),
  reads: (input) =>
    input === 0
      ? undefined
      : execution.mounts.flatMap((mount) => ('input' in mount && mount.input === input ? [mount.source] : [])),
  async run(inputs, context) {
    const [base] = inputs
    if (base?.kind !== 'layers') throw new SlipwayError('internal', 'RUN has no file system to run in')
    const targets = execution.mounts.flatMap(({ target }) => target ?? [])
    const results: Result[] = []
    results[0] = await makeLayer(base.layers, context, execution, async (place) => {
      const stubs = watchStubs(place.rootfs, targets)
      const made = await runInBundle(execution, place, inputs, context)
      for (const [output, layers] of made) results[output] = { kind: 'layers', layers }
      removeStubs(stubs)
    })
    return results
  },
})

/** Runs a command on `root`, with the files of `sources` to mount; the edge is what it leaves behind. */
export const execute = (root: Edge, execution: Execution, sources: readonly Edge[] = []): Edge =>
  edge({ name: `RUN ${commandLine(execution.args)}`, op: execOp(execution), inputs: [root, ...sources] })
