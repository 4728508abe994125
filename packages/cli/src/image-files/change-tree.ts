import { humanSize } from '../format/human.ts'
import type { TreeChange } from './file-tree.ts'

interface Branch {
  readonly children: Map<string, Branch>
  change: TreeChange | undefined
  /** Of all below and itself. */
  bytes: number
  count: number
}

export const letters = { added: 'A', changed: 'C', deleted: 'D' } as const

const newBranch = (): Branch => ({ children: new Map(), change: undefined, bytes: 0, count: 0 })

const grow = (changes: readonly TreeChange[]): Branch => {
  const root = newBranch()
  for (const change of changes) {
    const bytes = (change.after ?? change.before)?.size ?? 0
    let branch = root
    for (const part of change.path.split('/').filter(Boolean)) {
      const child = branch.children.get(part) ?? newBranch()
      branch.children.set(part, child)
      branch = child
      branch.bytes += bytes
      branch.count += 1
    }
    branch.change = change
  }
  return root
}

const nameOf = (name: string, { change, count, children }: Branch, folded: boolean): string => {
  const file = change?.after ?? change?.before
  if (children.size === 0 && file?.type !== 'directory')
    return file?.type === 'symlink' ? `${name} -> ${file.link}` : name
  const below = count - (change === undefined ? 0 : 1)
  return folded && below > 0 ? `${name}/ (${below} below)` : `${name}/`
}

function* lines(branch: Branch, indent: string, depth: number): Generator<string, void, void> {
  for (const name of [...branch.children.keys()].sort()) {
    const child = branch.children.get(name)
    if (child === undefined) continue
    const letter = child.change === undefined ? ' ' : letters[child.change.kind]
    yield `  ${letter} ${humanSize(child.bytes, 3).padStart(7)}  ${indent}${nameOf(name, child, depth === 1)}`
    if (depth > 1) yield* lines(child, `${indent}  `, depth - 1)
  }
}

/** Changes as an indented tree with the bytes of each branch, `depth` names deep. */
export const changeTree = (changes: readonly TreeChange[], depth: number): readonly string[] => [
  ...lines(grow(changes), '', depth),
]
