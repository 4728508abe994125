import { posix } from 'node:path'
import { type CopyAction, changeFiles, deletePaths, type Edge, type FileAction } from '@slipway/build'
import type { llb } from '@slipway/buildkit'
import { invalid, SlipwayError } from '@slipway/core'
import { asRoot, layers, nothing, type Operation, type Outputs, type Value } from './value.ts'

/** `user:group`, by number or by name. */
const ownerOf = (owner: llb.Owner | undefined): { readonly owner?: string } => {
  if (owner === undefined || (owner.user === undefined && owner.group === undefined)) return {}
  const word = (side: typeof owner.user): string => (side === undefined ? '' : (side.byName?.name ?? String(side.byId)))
  return { owner: owner.group === undefined ? word(owner.user) : `${word(owner.user) || '0'}:${word(owner.group)}` }
}

const modeOf = (mode: number): { readonly mode?: string } =>
  mode < 0 ? {} : { mode: (mode & 0o7777).toString(8).padStart(4, '0') }

const literally = (path: string): string => path.replace(/[*?[\\]/g, '\\$&')

/** Into an existing directory, or to a name of its own. */
const destinationOf = ({ source, destination, directoryContents, allowWildcard }: llb.FileCopy): string => {
  if (directoryContents || allowWildcard || !destination.endsWith('/')) return destination || '/'
  return posix.join(destination, posix.basename(source))
}

/** Include patterns in the words of exclude patterns: everything is left out, but for what they take. */
const onlyThose = (include: readonly string[]): readonly string[] =>
  include.length === 0 ? [] : ['**', ...include.map((pattern) => `!${pattern}`)]

const copyAction = (copy: llb.FileCopy, fromFiles: boolean): CopyAction => {
  const owner = ownerOf(copy.owner)
  return {
    kind: 'copy',
    paths: [copy.allowWildcard ? copy.source : literally(copy.source)],
    destination: destinationOf(copy),
    keepOwner: owner.owner === undefined,
    unpack: copy.unpack,
    parents: false,
    exclude: [...onlyThose(copy.include), ...copy.exclude],
    fromContext: fromFiles,
    ...owner,
    ...modeOf(copy.mode),
  }
}

const actionOf = (action: llb.FileAction, source: Value): FileAction => {
  if (action.copy !== undefined) return copyAction(action.copy, source.isFiles)
  if (action.makeFile !== undefined) {
    const { path, data, mode, owner } = action.makeFile
    const { dir, base } = posix.parse(path)
    const content = Buffer.from(data).toString()
    return { kind: 'write', name: base, content, destination: `${dir}/`, ...ownerOf(owner), ...modeOf(mode) }
  }
  if (action.makeDirectory !== undefined) {
    const { path, owner, mode } = action.makeDirectory
    return { kind: 'makeDirectory', path, ...ownerOf(owner), ...modeOf(mode) }
  }
  throw new SlipwayError('unsupported', 'a file action is not supported')
}

const changed = (action: llb.FileAction, root: Edge, source: Value): Edge => {
  if (action.remove === undefined) {
    return changeFiles(root, [actionOf(action, source)], source.isFiles ? source.edge : asRoot(source))
  }
  const { path, allowNotFound, allowWildcard } = action.remove
  return deletePaths(root, { path, wildcards: allowWildcard, maybe: allowNotFound })
}

/** The actions stand on one another as well as on the inputs: their numbers follow those. */
export const fileOutputs = ({ inputs }: Operation, actions: readonly llb.FileAction[]): Outputs => {
  const made: Value[] = []
  const valueAt = (number: number): Value => {
    const value = number < 0 ? nothing : number < inputs.length ? inputs[number] : made[number - inputs.length]
    if (value === undefined) throw invalid(`there is no input ${number}`)
    return value
  }
  const outputs: (Value | undefined)[] = []
  for (const action of actions) {
    const source = action.copy === undefined ? nothing : valueAt(action.secondaryInput)
    const root: Edge = asRoot(valueAt(action.input))
    const value = layers(changed(action, root, source))
    made.push(value)
    if (action.output >= 0) outputs[action.output] = value
  }
  return outputs
}
