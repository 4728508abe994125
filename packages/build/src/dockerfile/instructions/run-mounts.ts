import { posix } from 'node:path'
import { invalid } from '@slipway/core'
import type { Edge } from '../../graph/vertex.ts'
import type { StepMount } from '../../ops/mount/mount.ts'
import { type MountText, mountTarget, parseMount } from '../mount.ts'
import type { Line } from '../parser.ts'
import { expandIn, type Setting, type Stage } from '../stage.ts'

/** The mounts of one RUN, and whose files they show. */
export interface RunMounts {
  readonly mounts: readonly StepMount[]
  readonly sources: readonly Edge[]
}

const cacheMode = 0o755

/** Nothing that asks for a secret or an agent can be given one here; those that must have it fail. */
const refuseRequired = ({ type, required, id, source, target }: MountText): void => {
  if (!required) return
  if (type === 'ssh') throw invalid(`no SSH key ${JSON.stringify(id || 'default')} forwarded from the client`)
  throw invalid(`secret ${id || source || posix.basename(target ?? '')}: not found`)
}

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
  const mounts = texts.flatMap((text): readonly StepMount[] => {
    const read = parseMount(text, (value) => expandIn(stage, line, value))
    const { type, from, readonly, size } = read
    if (type === 'secret' || type === 'ssh') {
      refuseRequired(read)
      return []
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
