import { posix } from 'node:path'
import { invalid } from '@slipway/core'
import type { Edge } from '../../graph/vertex.ts'
import type { AgentMount, SecretMount, StepMount } from '../../ops/mount/mount.ts'
import { assignedTo } from '../assignments.ts'
import { type MountText, mountTarget, parseMount } from '../mount.ts'
import type { Line } from '../parser.ts'
import { expandIn, expandQuietlyIn, type Setting, type Stage } from '../stage.ts'

/** The mounts of one RUN, and whose files they show. */
export interface RunMounts {
  readonly mounts: readonly StepMount[]
  readonly sources: readonly Edge[]
}

const cacheMode = 0o755

/** Default: readable by its owner. */
const secretMode = 0o400
const agentMode = 0o600

const owned = ({ mode, uid = 0, gid = 0, required }: MountText, fallback: number) => ({
  mode: mode ?? fallback,
  uid,
  gid,
  required,
})

/** Without an id it is called as its file is. Only a variable is asked for: then there is no file. */
const secretMount = (read: MountText, cwd: string): SecretMount => {
  const { source, target, env } = read
  const id = read.id || source || posix.basename(target ?? '')
  if (id === '') throw invalid('invalid secret mount: one of source, target required')
  const isFile = target !== undefined || env === undefined
  return {
    kind: 'secret',
    id,
    ...(isFile ? { target: mountTarget(target ?? `/run/secrets/${posix.basename(id)}`, cwd) } : {}),
    ...(env === undefined ? {} : { env }),
    ...owned(read, secretMode),
  }
}

const agentVariable = 'SSH_AUTH_SOCK'

const agentMount = (read: MountText, cwd: string, number: number): AgentMount => ({
  kind: 'agent',
  id: read.id || read.source || 'default',
  target: mountTarget(read.target ?? `/run/buildkit/ssh_agent.${number}`, cwd),
  ...owned(read, agentMode),
})

/** The variable names the first of several, and never another socket than the one that it names already. */
const naming = (mount: AgentMount, { environment }: Stage): AgentMount =>
  assignedTo(environment, agentVariable) !== undefined ? mount : { ...mount, env: agentVariable }

/** Fills in the variables, and finds the stages. Throws invalid in BuildKit's words. */
export const readMounts = (texts: readonly string[], line: Line, stage: Stage, setting: Setting): RunMounts => {
  const sources: Edge[] = []
  /** The number of the input that the files come from. */
  const inputOf = (from: string | undefined): number => {
    const edge = from ? setting.sourceOf(from) : setting.context
    const at = sources.indexOf(edge)
    return at === -1 ? sources.push(edge) : at + 1
  }
  const cwd = stage.config.WorkingDir || '/'
  let agents = 0
  const mounts = texts.flatMap((text): readonly StepMount[] => {
    const read = parseMount(text, (value) => expandIn(stage, line, value))
    const { type, from, readonly, size } = read
    if (type === 'secret') return [secretMount(read, cwd)]
    if (type === 'ssh') {
      const mount = agentMount(read, cwd, agents)
      agents += 1
      return [agents === 1 ? naming(mount, stage) : mount]
    }
    const target = mountTarget(read.target ?? '', cwd)
    if (type === 'tmpfs') return [{ kind: 'tmpfs', target, ...(size === undefined ? {} : { size }) }]
    const source = posix.resolve('/', read.source ?? '')
    if (type === 'bind') return [{ kind: 'bind', target, input: inputOf(from), source, readonly }]
    const namespace = setting.buildArgs['BUILDKIT_CACHE_MOUNT_NS'] ?? ''
    return [
      {
        kind: 'cache',
        target,
        id: `${namespace}/${read.id || posix.normalize(read.target ?? '')}`,
        sharing: read.sharing ?? 'shared',
        readonly,
        source,
        mode: read.mode ?? cacheMode,
        uid: read.uid ?? 0,
        gid: read.gid ?? 0,
        ...(from ? { input: inputOf(from) } : {}),
      },
    ]
  })
  return { mounts, sources }
}

const mountFlag = '--mount='

/** What the mounts of an instruction say, where nothing is done with them. Throws invalid. */
export const mountTextsOf = (line: Line, stage: Stage): readonly MountText[] =>
  line.name !== 'RUN'
    ? []
    : line.flags
        .filter((flag) => flag.startsWith(mountFlag))
        .map((flag) => parseMount(flag.slice(mountFlag.length), (value) => expandQuietlyIn(stage, line, value)))
