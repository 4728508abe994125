import type { llb } from '@slipway/buildkit'

const describeAction = (action: llb.FileAction): string => {
  if (action.copy !== undefined) return `copy ${action.copy.source} ${action.copy.destination}`
  if (action.makeFile !== undefined) return `mkfile ${action.makeFile.path}`
  if (action.makeDirectory !== undefined) return `mkdir ${action.makeDirectory.path}`
  return `rm ${action.remove?.path ?? ''}`
}

/** An operation as BuildKit shows one that has no name of its own. */
export const describe = ({ source, exec, file, merge }: llb.LlbOp): string => {
  if (source !== undefined) return source.identifier
  if (exec !== undefined) return exec.meta?.args.join(' ') ?? ''
  if (file !== undefined) return file.actions.map(describeAction).join(', ')
  return merge === undefined ? 'diff' : 'merge'
}
