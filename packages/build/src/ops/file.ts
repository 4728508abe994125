import { SlipwayError } from '@slipway/core'
import { unpackInto } from '@slipway/store'
import { type Edge, edge, type Op, type OpContext, type Result } from '../graph/vertex.ts'
import { isArchive, openPart } from './file/archive.ts'
import type { FileJob, SelectedFile } from './file/jobs.ts'
import { runInThread } from './file/pool.ts'
import type { TreeRequest } from './file/select.ts'
import { identityOf, keyOf } from './identity.ts'
import { type Files, type LayerOptions, makeLayer, readResult } from './layer.ts'
import { merge } from './merge.ts'
import { scratch } from './source.ts'

interface Ownership {
  /** `user[:group]`, looked up in the file system that is written to. */
  readonly owner?: string
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

/** What is read from and written to while the actions are done. */
interface Places {
  readonly root: string
  readonly source?: Files
}

const treeOf = ({ source }: Places, action: CopyAction): TreeRequest => {
  if (source === undefined) throw new SlipwayError('internal', 'COPY has nothing to copy from')
  return { ...source, isContext: action.fromContext }
}

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

const copy = async (action: CopyAction, places: Places, { signal }: OpContext): Promise<void> => {
  const tree = treeOf(places, action)
  const archives = await archivesOf(action, tree, signal)
  const { root } = places
  const unpacked = archives.map(({ relative }) => relative)
  await runInThread({ ...action, kind: 'copy', tree, root, archives: unpacked }, signal)
  for (const { part } of archives) {
    await unpackInto(root, action.destination, openPart(part), { create: true, signal })
  }
}

const perform = async (action: FileAction, places: Places, context: OpContext): Promise<void> => {
  if (action.kind === 'copy') return copy(action, places, context)
  const job: FileJob = { ...action, root: places.root }
  await runInThread(job, context.signal)
}

const selectionKey = async (action: CopyAction, source: Result, context: OpContext): Promise<unknown> => {
  const { digest } = await readResult(source, context, (files) =>
    runInThread({ ...action, kind: 'hash', tree: { ...files, isContext: action.fromContext } }, context.signal),
  )
  // Which names led to the content doesn't matter, only where it goes.
  const { paths: _, exclude: __, fromContext: ___, ...rest } = action
  return { ...rest, content: digest }
}

const contentKeyOf =
  (actions: readonly FileAction[], options: LayerOptions) =>
  async ([base, source]: readonly Result[], context: OpContext) => {
    const keyed: unknown[] = []
    for (const action of actions) {
      keyed.push(action.kind === 'copy' && source !== undefined ? await selectionKey(action, source, context) : action)
    }
    return keyOf('file-content', keyed, options, base === undefined ? null : identityOf(base))
  }

const fileOp = (actions: readonly FileAction[], hasSource: boolean, options: LayerOptions): Op => ({
  kind: 'file',
  cacheKey: (inputs) => (inputs.includes(undefined) ? undefined : keyOf('file', actions, options, inputs)),
  ...(hasSource ? { contentKey: contentKeyOf(actions, options) } : {}),
  reads: (input) =>
    input === 0 ? undefined : actions.flatMap((action) => (action.kind === 'copy' ? action.paths : [])),
  async run([base, source], context) {
    if (base?.kind !== 'layers') throw new SlipwayError('internal', 'there is no file system to change')
    const result = await makeLayer(base.layers, context, options, async ({ rootfs: root }) => {
      const performAll = async (places: Places): Promise<void> => {
        for (const action of actions) await perform(action, places, context)
      }
      if (source === undefined) return performAll({ root })
      return readResult(source, context, (files) => performAll({ root, source: files }))
    })
    return [result]
  },
})

const describe = (actions: readonly FileAction[]): string =>
  actions.map((action) => (action.kind === 'makeDirectory' ? `mkdir ${action.path}` : action.kind)).join(', ')

/** Copies and writes files; the edge is the changed file system. One instruction is one layer. */
export const changeFiles = (
  root: Edge,
  actions: readonly FileAction[],
  source: Edge,
  options: LayerOptions = {},
): Edge => {
  const hasSource = actions.some(({ kind }) => kind === 'copy')
  const inputs = hasSource ? [root, source] : [root]
  return edge({ name: describe(actions), op: fileOp(actions, hasSource, options), inputs })
}

/** The same as a layer of its own, made on nothing and put on top of `root`: it doesn't depend on what is below. */
export const linkFiles: typeof changeFiles = (root, actions, source, options) =>
  merge(root, changeFiles(scratch, actions, source, options))

/** Makes a directory that belongs to `owner` (as in USER); what is missing above it belongs to root. */
export const makeDirectory = (root: Edge, path: string, owner?: string, options: LayerOptions = {}): Edge => {
  const action: MakeDirectoryAction = { kind: 'makeDirectory', path, ...(owner ? { owner } : {}) }
  return edge({ name: describe([action]), op: fileOp([action], false, options), inputs: [root] })
}
