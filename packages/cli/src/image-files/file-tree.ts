import type { LayerFile } from '@slipway/client'

/** A path of an image. What is at it may be known only by what is below. */
export interface TreeNode {
  readonly children: Map<string, TreeNode>
  file: LayerFile | undefined
  /** The layer it came with, counted from 0. */
  layer: number
}

export interface TreeChange {
  readonly kind: 'added' | 'changed' | 'deleted'
  readonly path: string
  readonly before?: LayerFile
  readonly after?: LayerFile
}

const emptyNode = (layer: number): TreeNode => ({ children: new Map(), file: undefined, layer })

const partsOf = (path: string): readonly string[] => path.split('/').filter((part) => part !== '')

/** Whether a person would call them the same: what a file holds, not when it was made. */
export const isSameFile = (a: LayerFile, b: LayerFile): boolean =>
  a.type === b.type &&
  a.mode === b.mode &&
  a.uid === b.uid &&
  a.gid === b.gid &&
  a.size === b.size &&
  a.link === b.link &&
  a.digest === b.digest

/** The files of an image, put together layer by layer from the bottom up. */
export class FileTree {
  readonly root: TreeNode = emptyNode(0)

  /** Takes in an entry of a layer, and tells what it changes of the layers below. */
  apply(file: LayerFile, layer: number): readonly TreeChange[] {
    if (file.type === 'deleted') return this.#delete(file.path, layer)
    if (file.type === 'opaque') return this.#clear(this.#find(file.path), file.path, layer)
    return this.#put(file, layer)
  }

  #put(written: LayerFile, layer: number): readonly TreeChange[] {
    const file = written.type === 'hardlink' ? this.#resolved(written) : written
    let node = this.root
    for (const part of partsOf(file.path)) {
      const child = node.children.get(part) ?? emptyNode(layer)
      node.children.set(part, child)
      node = child
    }
    const { file: before, layer: below } = node
    const gone = file.type === 'directory' ? [] : this.#clear(node, file.path, layer)
    node.file = file
    node.layer = layer
    if (before === undefined || below === layer) return [...gone, { kind: 'added', path: file.path, after: file }]
    // Every directory on the way to a file is in its layer again.
    if (file.type === 'directory' && isSameFile(before, file)) return gone
    return [...gone, { kind: 'changed', path: file.path, before, after: file }]
  }

  /** A hard link is the file it leads to, but takes no room of its own. */
  #resolved(link: LayerFile): LayerFile {
    const { digest, mode, uid, gid } = this.#find(link.link ?? '')?.file ?? link
    const { path, type } = link
    const known = { mode, uid, gid, digest, link: link.link }
    return { path, type, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) }
  }

  #find(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.root
    for (const part of partsOf(path)) node = node?.children.get(part)
    return node
  }

  /** A whiteout speaks of the layers below only, wherever it stands in its own. */
  #delete(path: string, layer: number): readonly TreeChange[] {
    const parts = partsOf(path)
    const parent = this.#find(parts.slice(0, -1).join('/'))
    const name = parts.at(-1) ?? ''
    const node = parent?.children.get(name)
    if (parent === undefined || node === undefined) return []
    const below = this.#clear(node, path, layer)
    if (node.layer === layer) return below
    if (node.children.size === 0) parent.children.delete(name)
    return node.file === undefined ? below : [...below, { kind: 'deleted', path, before: node.file }]
  }

  /** Deletes what the layers below have under a directory. */
  #clear(node: TreeNode | undefined, path: string, layer: number): readonly TreeChange[] {
    const prefix = path === '/' ? '' : path
    return [...(node?.children ?? [])].flatMap(([name, child]) => {
      const below = this.#clear(child, `${prefix}/${name}`, layer)
      if (child.layer === layer) return below
      if (child.children.size === 0) node?.children.delete(name)
      return child.file === undefined
        ? below
        : [...below, { kind: 'deleted', path: child.file.path, before: child.file }]
    })
  }

  /** All files, a directory before what is in it, by name. */
  *files(node: TreeNode = this.root): Generator<LayerFile, void, void> {
    if (node.file !== undefined) yield node.file
    const names = [...node.children.keys()].sort()
    for (const name of names) {
      const child = node.children.get(name)
      if (child !== undefined) yield* this.files(child)
    }
  }
}
