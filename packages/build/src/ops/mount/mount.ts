import type { CacheSharing } from '../../dockerfile/mount.ts'

/** A mount of a RUN. `target` is absolute; `input` is the vertex's input whose files are mounted. */
export type StepMount = BindMount | CacheMount | TmpfsMount | SecretMount | AgentMount

/** Files of another stage, an image or the context. What is written into it is thrown away, unless it is an output. */
export interface BindMount {
  readonly kind: 'bind'
  readonly target: string
  readonly input: number
  /** In the input: absolute. */
  readonly source: string
  readonly readonly: boolean
  /** Which output of the step it becomes, with what was written; from 1, since 0 is the file system that it runs in. */
  readonly output?: number
}

/** A directory that outlives the build, and is never part of a layer. */
export interface CacheMount {
  readonly kind: 'cache'
  readonly target: string
  readonly id: string
  readonly sharing: CacheSharing
  readonly readonly: boolean
  /** What it begins with; undefined: it begins empty. */
  readonly input?: number
  readonly source: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export interface TmpfsMount {
  readonly kind: 'tmpfs'
  readonly target: string
  /** Bytes. */
  readonly size?: number
}

/** What the client has, and how it is shown. */
interface FromClient {
  /** The variable that has a secret, or tells where a socket is. */
  readonly env?: string
  readonly id: string
  /** Without it, what the client doesn't have is just not there. */
  readonly required: boolean
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** A secret of the client's: a file that was never on a disk, a variable, or both. */
export interface SecretMount extends FromClient {
  readonly kind: 'secret'
  /** undefined: it is only a variable. */
  readonly target?: string
}

/** A socket behind which the client's SSH agent answers. */
export interface AgentMount extends FromClient {
  readonly kind: 'agent'
  readonly target: string
}

/** What of a mount is part of the key: which cache it is can't change what the step means. */
export const keyOfMount = (mount: StepMount): unknown => {
  if (mount.kind === 'secret' || mount.kind === 'agent') {
    const { required: _, ...rest } = mount
    return rest
  }
  if (mount.kind !== 'cache') return mount
  const { id: _, sharing: __, ...rest } = mount
  return rest
}
