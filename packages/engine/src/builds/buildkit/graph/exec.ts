import { type BindMount, type Edge, type Execution, execute, type StepMount } from '@slipway/build'
import { llb } from '@slipway/buildkit'
import { invalid, SlipwayError } from '@slipway/core'
import { asRoot, layers, nothing, type Operation, type Outputs, type Value } from './value.ts'

const { mountType } = llb

const owned = ({ uid, gid, mode, optional }: llb.FileOption) => ({ uid, gid, mode, required: !optional })

const refuse = (what: string): never => {
  throw new SlipwayError('unsupported', `${what} is not supported`)
}

const proxiesOf = ({ proxy }: llb.ExecMeta): readonly string[] => {
  if (proxy === undefined) return []
  const given = { HTTP: proxy.http, HTTPS: proxy.https, FTP: proxy.ftp, NO: proxy.no, ALL: proxy.all }
  return Object.entries(given).flatMap(([name, value]) =>
    value === '' ? [] : [`${name}_PROXY=${value}`, `${name.toLowerCase()}_proxy=${value}`],
  )
}

/** The mounts of a step, with the file systems that they show. */
class Mounts {
  readonly sources: Edge[] = []
  readonly mounts: StepMount[] = []
  readonly #operation: Operation
  /** The mounts that are outputs of the operation, in the order that the step has them. */
  readonly outputs: number[] = []

  constructor(operation: Operation) {
    this.#operation = operation
  }

  valueAt(number: number): Value {
    const value = number < 0 ? nothing : this.#operation.inputs[number]
    if (value === undefined) throw invalid(`there is no input ${number}`)
    return value
  }

  add(mount: llb.ExecMount): void {
    const read = readers[mount.type]
    if (read === undefined) throw invalid(`unknown mount type ${mount.type}`)
    this.mounts.push(read(mount, this))
  }

  input(value: Value): number {
    // Each has its own: what is written to one mount isn't seen in another.
    return this.sources.push(value.edge)
  }
}

const bind = (mount: llb.ExecMount, all: Mounts): BindMount => {
  const value = all.valueAt(mount.input)
  const shown = { kind: 'bind', target: mount.dest, source: mount.selector || '/' } as const
  // A mount that is only read is as good as its input.
  if (mount.readonly || mount.output < 0) return { ...shown, input: all.input(value), readonly: mount.readonly }
  const output = all.outputs.push(mount.output)
  return { ...shown, input: all.input(layers(asRoot(value))), readonly: false, output }
}

const readers: Readonly<Record<number, (mount: llb.ExecMount, all: Mounts) => StepMount>> = {
  [mountType.bind]: bind,
  [mountType.secret]: ({ dest, secret }) => {
    if (secret === undefined) throw invalid('a secret mount has no secret')
    return { kind: 'secret', target: dest, id: secret.id, ...owned(secret) }
  },
  [mountType.ssh]: ({ dest, ssh }) => {
    if (ssh === undefined) throw invalid('an SSH mount has no agent')
    return { kind: 'agent', target: dest, id: ssh.id || 'default', ...owned(ssh) }
  },
  [mountType.cache]: ({ dest, cache, input, selector, readonly }, all) => ({
    kind: 'cache',
    target: dest,
    id: cache?.id || dest,
    sharing: llb.cacheSharing[cache?.sharing ?? 0] ?? 'shared',
    readonly,
    source: selector || '/',
    mode: 0o755,
    uid: 0,
    gid: 0,
    ...(input < 0 ? {} : { input: all.input(all.valueAt(input)) }),
  }),
  [mountType.tmpfs]: ({ dest, tmpfs }) => ({
    kind: 'tmpfs',
    target: dest,
    ...(tmpfs === undefined || tmpfs.size === 0 ? {} : { size: tmpfs.size }),
  }),
}

/** A packed list of small numbers, seven bits a byte. */
const numbersOf = (bytes: Uint8Array): readonly number[] => {
  const numbers: number[] = []
  let [value, shift] = [0, 0]
  for (const byte of bytes) {
    value |= (byte & 0x7f) << shift
    shift += 7
    if (byte >= 0x80) continue
    numbers.push(value)
    ;[value, shift] = [0, 0]
  }
  return numbers
}

const executionOf = (
  exec: llb.ExecOp,
  meta: llb.ExecMeta,
  mounts: readonly StepMount[],
  hostNetwork: boolean,
): Execution => {
  if (exec.security !== 0) refuse('an insecure step')
  const network = llb.netMode[exec.network]
  if (network === undefined) throw invalid(`unknown network mode ${exec.network}`)
  if (network === 'host' && !hostNetwork) throw invalid('failed to load LLB: network.host is not allowed')
  return {
    args: meta.args,
    env: meta.env,
    proxies: proxiesOf(meta),
    cwd: meta.cwd || '/',
    user: meta.user,
    network,
    ...(meta.validExitCodes.length === 0 ? {} : { exitCodes: numbersOf(meta.validExitCodes) }),
    extraHosts: meta.extraHosts.map(({ host, ip }) => `${host}:${ip}`),
    resources: {},
    limits: {
      ...(meta.ulimit.length === 0 ? {} : { rlimits: meta.ulimit }),
      ...(meta.cgroupParent === '' ? {} : { cgroupParent: meta.cgroupParent }),
    },
    mounts,
  }
}

const secretVariables = ({ secretEnv }: llb.ExecOp): readonly StepMount[] =>
  secretEnv.map(({ id, name, optional }) => ({
    kind: 'secret',
    id,
    env: name,
    required: !optional,
    mode: 0o400,
    uid: 0,
    gid: 0,
  }))

/** A command; each of its mounts that can be written to may be an output. */
export const execOutputs = (operation: Operation, exec: llb.ExecOp): Outputs => {
  const { meta } = exec
  if (meta === undefined || meta.args.length === 0) throw invalid('an exec operation has no command')
  const root = exec.mounts.find(({ dest }) => dest === '/')
  if (root === undefined || root.type !== mountType.bind) throw invalid('an exec operation has no file system')
  const all = new Mounts(operation)
  for (const mount of exec.mounts) if (mount !== root) all.add(mount)
  const mounts = [...all.mounts, ...secretVariables(exec)]
  const edge = execute(
    asRoot(all.valueAt(root.input)),
    executionOf(exec, meta, mounts, operation.parts.job.hostNetwork),
    all.sources,
  )
  const outputs: (Value | undefined)[] = []
  if (root.output >= 0) outputs[root.output] = layers(edge)
  for (const [index, output] of all.outputs.entries()) outputs[output] = layers({ ...edge, output: index + 1 })
  // A mount that is only read is an output as well when it says so: what it was.
  for (const mount of exec.mounts) {
    if (mount !== root && mount.readonly && mount.output >= 0) outputs[mount.output] = all.valueAt(mount.input)
  }
  return outputs
}
