import { existsSync } from 'node:fs'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chainIdOf, type DiffId, hasCode, invalid, SlipwayError } from '@slipway/core'
import { mountSnapshot, unmount } from '@slipway/linux'
import type { SpecMount } from '@slipway/runtime'
import type { OpContext, Result } from '../../graph/vertex.ts'
import { runInThread } from '../file/pool.ts'
import { resolveInRoot } from '../file/resolve.ts'
import { identityOf, keyOf } from '../identity.ts'
import { type Files, readResult } from '../layer.ts'
import { cachesOf } from './caches.ts'
import { attachAgent, attachSecret } from './client.ts'
import type { BindMount, CacheMount, StepMount, TmpfsMount } from './mount.ts'

/** The mounts of a step, ready for its process. Disposing takes them down. */
export interface AttachedMounts extends AsyncDisposable {
  readonly mounts: readonly SpecMount[]
  /** `NAME=value` for the process. */
  readonly env: readonly string[]
  /** When the process is done: makes layers of what it wrote into the mounts that are outputs. */
  commit(): Promise<ReadonlyMap<number, readonly DiffId[]>>
}

interface Where {
  /** 64 hexadecimal digits, unique. */
  readonly id: string
  /** An empty directory. */
  readonly directory: string
  readonly inputs: readonly Result[]
  readonly context: OpContext
}

const inputOf = ({ inputs }: Where, input: number): Result => {
  const result = inputs[input]
  if (result === undefined) throw new SlipwayError('internal', `there is no input ${input} to mount`)
  return result
}

/** A name as a pattern that takes only itself. */
const literally = (path: string): string => path.replace(/[*?[\\]/g, '\\$&')

/** A file that isn't there, in the words that BuildKit has for mounts. */
const tellMissing = async <T>(source: string, body: () => Promise<T>): Promise<T> => {
  try {
    return await body()
  } catch (error) {
    if (!hasCode(error, 'invalid') || (error as SlipwayError).detail['path'] === undefined) throw error
    throw invalid(
      `failed to compute cache key: failed to calculate checksum of ref: ${JSON.stringify(source)}: not found`,
    )
  }
}

const selection = (files: Files, source: string) => ({
  tree: { ...files, isContext: true },
  paths: [literally(source)],
  exclude: [],
  parents: false,
  keepOwner: true,
})

/** The key of what a mount shows, and what its files hold. */
export const hashMounted = async (source: string, input: Result, context: OpContext) =>
  tellMissing(source, () =>
    readResult(input, context, async (files) => {
      const { digest, listing } = await runInThread({ kind: 'hash', ...selection(files, source) }, context.signal)
      return { digest, listing }
    }),
  )

/** Copies files to `<root>/mount`: a directory's contents into one, a file to one of that name. */
const copyTo = (root: string, source: string, files: Files, { signal }: OpContext): Promise<unknown> =>
  tellMissing(source, () =>
    runInThread(
      {
        kind: 'change',
        root,
        changes: [{ kind: 'copy', ...selection(files, source), destination: '/mount', archives: [] }],
      },
      signal,
    ),
  )

const attachBind = async (mount: BindMount, number: number, where: Where, stack: AsyncDisposableStack) => {
  const { id, context } = where
  const { snapshots } = context.worker
  const input = inputOf(where, mount.input)
  const root = join(where.directory, `${number}`)
  await mkdir(root, { recursive: true, mode: 0o700 })
  const shown = { kind: 'bind', destination: mount.target, readonly: mount.readonly } as const
  if (input.kind === 'files') {
    await copyTo(root, mount.source, input, context)
    return { ...shown, source: join(root, 'mount') }
  }
  const chainId = chainIdOf(input.layers)
  if (chainId !== undefined || mount.output !== undefined) {
    const key = `${id}-${number}`
    stack.defer(() => snapshots.remove(key))
    // One that can be written is an active snapshot, which is committed only when it is an output.
    const view = mount.readonly && chainId !== undefined
    mountSnapshot(await (view ? snapshots.view(key, chainId) : snapshots.prepare(key, chainId)), root)
    stack.defer(() => unmount(root, { lazy: true }))
  }
  const source = resolveInRoot(root, mount.source, { followLast: true })
  if (!existsSync(source)) {
    throw invalid(`failed to calculate checksum of ref: ${JSON.stringify(mount.source)}: not found`)
  }
  return { ...shown, source }
}

/** What a new cache begins with. */
const fillCache = async (directory: string, mount: CacheMount, where: Where): Promise<void> => {
  const made = join(directory, 'mount')
  if (mount.input === undefined) await mkdir(made)
  else {
    await readResult(inputOf(where, mount.input), where.context, (files) =>
      copyTo(directory, mount.source, files, where.context),
    )
  }
  await chmod(made, mount.mode)
  await chown(made, mount.uid, mount.gid)
}

const attachCache = async (mount: CacheMount, where: Where, stack: AsyncDisposableStack): Promise<SpecMount> => {
  const { signal, worker } = where.context
  const begin = mount.input === undefined ? null : identityOf(inputOf(where, mount.input))
  const key = keyOf('cache-mount', mount.id, begin, mount.source, mount.mode, mount.uid, mount.gid)
  const fill = (directory: string): Promise<void> => fillCache(directory, mount, where)
  const cache = stack.use(await cachesOf(worker).open(key, mount.sharing, fill, signal))
  return { kind: 'bind', destination: mount.target, readonly: mount.readonly, source: join(cache.path, 'mount') }
}

interface Attached {
  readonly mount?: SpecMount
  readonly env?: string
}

const attachOne = async (
  mount: StepMount,
  number: number,
  where: Where,
  stack: AsyncDisposableStack,
): Promise<Attached> => {
  const { context, directory } = where
  const place = { directory: join(directory, `${number}`), context, stack }
  if (mount.kind === 'secret') return attachSecret(mount, place)
  if (mount.kind === 'agent') return attachAgent(mount, place)
  return { mount: await attachFiles(mount, number, where, stack) }
}

const attachFiles = async (
  mount: BindMount | CacheMount | TmpfsMount,
  number: number,
  where: Where,
  stack: AsyncDisposableStack,
): Promise<SpecMount> => {
  if (mount.kind === 'bind') return attachBind(mount, number, where, stack)
  if (mount.kind === 'cache') return attachCache(mount, where, stack)
  const size = mount.size === undefined ? [] : [`size=${mount.size}`]
  return { kind: 'tmpfs', destination: mount.target, options: ['exec', ...size] }
}

/** The layers of a mount that is an output. */
const commitMount = async (mount: BindMount, number: number, where: Where): Promise<readonly DiffId[]> => {
  const { snapshots } = where.context.worker
  const key = `${where.id}-${number}`
  unmount(join(where.directory, `${number}`))
  const { diffId } = await snapshots.diff(key, { signal: where.context.signal })
  const input = inputOf(where, mount.input)
  const layers = [...(input.kind === 'layers' ? input.layers : []), diffId]
  where.context.hold(layers)
  const name = chainIdOf(layers)
  if (name !== undefined) await snapshots.commit(key, name)
  return layers
}

/** Makes ready what a RUN mounts. When one fails, none stays. */
export const attachMounts = async (mounts: readonly StepMount[], where: Where): Promise<AttachedMounts> => {
  await using stack = new AsyncDisposableStack()
  const attached: Attached[] = []
  // Locked caches in the same order for everyone: two steps that want the same two can't wait for each other.
  const inOrder = [...mounts.entries()].sort(([, a], [, b]) => orderOf(a).localeCompare(orderOf(b)))
  for (const [number, mount] of inOrder) attached[number] = await attachOne(mount, number, where, stack)
  const kept = stack.move()
  return {
    mounts: attached.flatMap(({ mount }) => mount ?? []),
    env: attached.flatMap(({ env }) => env ?? []),
    async commit() {
      const made = new Map<number, readonly DiffId[]>()
      for (const [number, mount] of mounts.entries()) {
        if (mount.kind !== 'bind' || mount.output === undefined) continue
        made.set(mount.output, await commitMount(mount, number, where))
      }
      return made
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const orderOf = (mount: StepMount): string => (mount.kind === 'cache' ? `1 ${mount.id}` : '0')
