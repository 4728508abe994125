import { posix } from 'node:path'
import { type DiffId, type Digest, SlipwayError } from '@slipway/core'
import { adopterOf, unpackInto } from '@slipway/store'
import { type ContentKey, type Edge, edge, type Op, type OpContext, type Result } from '../graph/vertex.ts'
import { layerAhead } from './file/ahead.ts'
import { isArchive, openPart } from './file/archive.ts'
import type { Change } from './file/change.ts'
import type { SelectedFile } from './file/jobs.ts'
import type { Listing } from './file/listing.ts'
import { resolveOwner } from './file/owner.ts'
import { packInThread, runInThread, writeInThread } from './file/pool.ts'
import type { TreeRequest } from './file/select.ts'
import { fileParts, identityOf, keyOf, markOf } from './identity.ts'
import { type Files, type LayerOptions, makeLayer, putLayer, readResult, unpackLayer, viewLayers } from './layer.ts'
import { merge } from './merge.ts'
import { scratch } from './source.ts'

interface Ownership {
  /** `user[:group]`, looked up in the file system that is written to. */
  readonly owner?: string
  /** Otherwise root is taken for a user that isn't there. */
  readonly ownerMustExist?: true
  /** `0644` or `u=rwX`. */
  readonly mode?: string
}

export interface CopyAction extends Ownership {
  readonly kind: 'copy'
  readonly paths: readonly string[]
  /** Absolute; a slash at the end says that it is a directory. */
  readonly destination: string
  readonly keepOwner: boolean
  /** Local archives are unpacked. */
  readonly unpack: boolean
  readonly parents: boolean
  readonly exclude: readonly string[]
  /** The source is the build context: how a missing file is told. */
  readonly fromContext: boolean
  /** Which of the sources; default: the first. */
  readonly source?: number
}

export interface WriteAction extends Ownership {
  readonly kind: 'write'
  readonly name: string
  readonly content: string
  readonly destination: string
}

export interface MakeDirectoryAction extends Ownership {
  readonly kind: 'makeDirectory'
  readonly path: string
}

export type FileAction = CopyAction | WriteAction | MakeDirectoryAction

const archivesOf = async (
  action: CopyAction,
  tree: TreeRequest,
  signal: AbortSignal,
): Promise<readonly SelectedFile[]> => {
  if (!action.unpack) return []
  const { files = [] } = await runInThread({ kind: 'select', tree, paths: action.paths }, signal)
  const checked = await Promise.all(files.map(async (file) => ((await isArchive(file.part)) ? [file] : [])))
  return checked.flat()
}

/** An action, with the archives among its sources that are to be unpacked. */
interface Prepared {
  readonly change: Change
  readonly archives: readonly SelectedFile[]
}

/** On nothing there is nobody, and BuildKit fails for every name. */
const onNothing = <Action extends Ownership>(action: Action): Action =>
  action.owner === undefined ? action : { ...action, ownerMustExist: true }

const sourceOf = <Source>({ source = 0 }: CopyAction, sources: readonly Source[]): Source | undefined => sources[source]

const prepare = async (action: FileAction, sources: readonly Files[], signal: AbortSignal): Promise<Prepared> => {
  if (action.kind !== 'copy') return { change: action, archives: [] }
  const source = sourceOf(action, sources)
  if (source === undefined) throw new SlipwayError('internal', 'COPY has nothing to copy from')
  const tree = { ...source, isContext: action.fromContext }
  const archives = await archivesOf(action, tree, signal)
  return { change: { ...action, tree, archives: archives.map(({ relative }) => relative) }, archives }
}

/** Unpacking follows what the image has on the way: it is done in the image itself. */
const changeInPlace = (
  base: readonly DiffId[],
  prepared: readonly Prepared[],
  options: LayerOptions,
  context: OpContext,
): Promise<Result> =>
  makeLayer(base, context, options, async ({ rootfs: root }) => {
    const { signal } = context
    for (const { change, archives } of prepared) {
      await runInThread({ kind: 'change', root, changes: [change] }, signal)
      if (change.kind !== 'copy' || archives.length === 0) continue
      const { destination, owner: name, ownerMustExist } = change
      const owner = name === undefined ? {} : { owner: resolveOwner(root, name, ownerMustExist) }
      const directory: Change = {
        kind: 'makeDirectory',
        path: destination,
        ...(name === undefined ? {} : { owner: name }),
        ...(ownerMustExist ? { ownerMustExist } : {}),
      }
      await runInThread({ kind: 'change', root, changes: [directory] }, signal)
      // The directory is the instruction's own: what the archive says of it doesn't count.
      const options = { ...owner, keepTop: true, signal }
      for (const { part } of archives) await unpackInto(root, destination, openPart(part), options)
    }
  })

const change = async (
  base: readonly DiffId[],
  actions: readonly FileAction[],
  sources: readonly Files[],
  options: LayerOptions,
  context: OpContext,
): Promise<Result> => {
  const asked = base.length === 0 ? actions.map(onNothing) : actions
  const prepared = await Promise.all(asked.map((action) => prepare(action, sources, context.signal)))
  if (prepared.some(({ archives }) => archives.length > 0)) return changeInPlace(base, prepared, options, context)
  const changes = prepared.map((each) => each.change)
  const { worker, signal } = context
  return viewLayers(base, worker, async (root) => {
    const layer = { root, changes, ...options }
    const adopt = adopterOf(worker.snapshots)
    if (adopt !== undefined) {
      await using made = await adopt((image) => writeInThread({ kind: 'image', image, ...layer }, signal))
      return await putLayer(base, context, made)
    }
    await using packed = packInThread({ kind: 'pack', ...layer }, signal)
    return await unpackLayer(base, context, packed.bytes)
  })
}

const mostHashed = 100
interface Hashed {
  readonly digest?: Digest | undefined
  readonly listing?: Listing | undefined
}

/** By the source's name and what is taken of it. */
const hashed = new Map<string, Hashed>()

/** A received tree never changes, and one that a client sends again unchanged is the same: then it is known what it holds. */
const hashSelection = async (action: CopyAction, source: Result, context: OpContext): Promise<Hashed> => {
  const job = { ...action, kind: 'hash' } as const
  const name =
    source.kind === 'files' && source.source.kind === 'received'
      ? JSON.stringify([source.source.path, source.ignore, job])
      : undefined
  const known = name === undefined ? undefined : hashed.get(name)
  if (known !== undefined) return known
  const { digest, listing } = await readResult(source, context, (files) =>
    runInThread({ ...job, tree: { ...files, isContext: action.fromContext } }, context.signal),
  )
  const result = { digest, listing }
  if (name === undefined || digest === undefined) return result
  hashed.set(name, result)
  const [oldest] = hashed.keys()
  if (hashed.size > mostHashed && oldest !== undefined) hashed.delete(oldest)
  return result
}

const selectionKey = async (action: CopyAction, source: Result, context: OpContext) => {
  const { digest, listing = {} } = await hashSelection(action, source, context)
  // Which names led to the content doesn't matter, only where it goes.
  const { paths: _, exclude: __, fromContext: ___, source: ____, ...rest } = action
  return { key: { ...rest, content: digest }, listing }
}

const contentKeyOf =
  (actions: readonly FileAction[], options: LayerOptions) =>
  async ([base, ...sources]: readonly Result[], context: OpContext): Promise<ContentKey> => {
    const keyed: unknown[] = []
    const listings: Listing[] = []
    for (const action of actions) {
      const source = action.kind === 'copy' ? sourceOf(action, sources) : undefined
      if (action.kind !== 'copy' || source === undefined) keyed.push(action)
      else {
        const { key, listing } = await selectionKey(action, source, context)
        keyed.push(key)
        listings.push(listing)
      }
    }
    const key = keyOf('file-content', keyed, options, base === undefined ? null : identityOf(base))
    return { key, parts: fileParts(markOf(keyed), listings) }
  }

/** All of the source, as it is. */
const takesAll = ({ paths, parents, exclude }: CopyAction): boolean =>
  paths.length === 1 && posix.resolve('/', paths[0] ?? '') === '/' && !parents && exclude.length === 0

const fileOp = (actions: readonly FileAction[], hasSource: boolean, options: LayerOptions): Op => ({
  kind: 'file',
  cacheKey: (inputs) => (inputs.includes(undefined) ? undefined : keyOf('file', actions, options, inputs)),
  ...(hasSource ? { contentKey: contentKeyOf(actions, options) } : {}),
  parts: () => ({ instruction: markOf(actions), newest: markOf(options) }),
  reads: (input) =>
    // `..` leads no further up than the root, also where the client is asked for the files.
    input === 0
      ? undefined
      : actions.flatMap((action) =>
          action.kind === 'copy' && (action.source ?? 0) === input - 1
            ? action.paths.map((path) => posix.resolve('/', path).slice(1))
            : [],
        ),
  ahead([base, source], context, isWanted) {
    const [action] = actions
    if (base === undefined || source === undefined || action === undefined || actions.length > 1) return undefined
    if (action.kind !== 'copy' || !takesAll(action)) return undefined
    return layerAhead({ base, source, context, isWanted, copy: action, newest: options.newest })
  },
  async run([base, ...sources], context) {
    if (base?.kind !== 'layers') throw new SlipwayError('internal', 'there is no file system to change')
    const on = base.layers
    await using ahead = (await context.ahead?.take()) ?? null
    if (ahead !== null) return [await putLayer(on, context, ahead)]
    return [await readResults(sources, context, (files) => change(on, actions, files, options, context))]
  },
})

/** All of them at once. */
const readResults = <T>(
  [first, ...more]: readonly Result[],
  context: OpContext,
  body: (files: readonly Files[]) => Promise<T>,
): Promise<T> =>
  first === undefined
    ? body([])
    : readResult(first, context, (files) => readResults(more, context, (others) => body([files, ...others])))

const describe = (actions: readonly FileAction[]): string =>
  actions.map((action) => (action.kind === 'makeDirectory' ? `mkdir ${action.path}` : action.kind)).join(', ')

/**
 * Copies and writes files; the edge is the changed file system. One instruction is one layer, however many sources it has.
 */
export const changeFiles = (
  root: Edge,
  actions: readonly FileAction[],
  source: Edge | readonly Edge[],
  options: LayerOptions = {},
): Edge => {
  const hasSource = actions.some(({ kind }) => kind === 'copy')
  const sources = 'vertex' in source ? [source] : source
  const inputs = hasSource ? [root, ...sources] : [root]
  return edge({ name: describe(actions), op: fileOp(actions, hasSource, options), inputs })
}

/** The same as a layer of its own, made on nothing and put on top of `root`: it doesn't depend on what is below. */
export const linkFiles: typeof changeFiles = (root, actions, source, options) =>
  merge(root, changeFiles(scratch, actions, source, options))

/** Makes a directory, and what is missing above it, that belong to `owner` (as in USER). */
export const makeDirectory = (root: Edge, path: string, owner?: string, options: LayerOptions = {}): Edge => {
  const action: MakeDirectoryAction = { kind: 'makeDirectory', path, ...(owner ? { owner } : {}) }
  return edge({ name: describe([action]), op: fileOp([action], false, options), inputs: [root] })
}
