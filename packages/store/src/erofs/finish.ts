import { invalid } from '@slipway/core'
import type { BlockFile } from '../content/block-file.ts'
import { joinNames, type RawName } from '../layer/file-name.ts'
import { entryBlocks, lengthOf, writeEntries } from './directory.ts'
import { blockSize, inodeSize, nidUnit, noBlock, rootOffset, writeSuperblock } from './format.ts'
import { type Attributes, impliedAttributes, linksOffset, markedOpaque, writeInode } from './inode.ts'
import type { InodeArea } from './inode-area.ts'
import type { Directory, LayerTree, Leaf, Node } from './tree.ts'

export interface ImpliedDirectory {
  /** The root is the empty name. */
  readonly path: RawName
  /** Where its inode lies in the image. */
  readonly offset: number
}

export interface FinishedImage {
  readonly inodes: number
  /** Directories that the tar has things in, and said nothing of. */
  readonly implied: readonly ImpliedDirectory[]
}

export interface Unfinished {
  readonly file: BlockFile
  readonly tree: LayerTree
  readonly inodes: InodeArea
  readonly hasChunks: boolean
}

/** A directory, and how it will lie. */
interface Planned {
  readonly directory: Directory
  readonly attributes: Attributes
  readonly blocks: ReturnType<typeof entryBlocks>
  readonly size: number
  /** Its last block lies behind the inode. */
  readonly isInline: boolean
  /** Of the inode and what lies behind it. */
  readonly length: number
  readonly subdirectories: number
}

/** `room`: bytes from the inode to the end of a block that has nothing else in it. */
const plan = (directory: Directory, room: number): Planned => {
  const said = directory.attributes ?? impliedAttributes
  const attributes = directory.isOpaque ? markedOpaque(said) : said
  const blocks = entryBlocks(directory)
  const tail = lengthOf(blocks.at(-1) ?? [])
  const head = inodeSize + attributes.xattrs.length
  const isInline = tail < blockSize && head + tail <= room
  let subdirectories = 0
  for (const { kind } of directory.entries.values()) if (kind === 'directory') subdirectories += 1
  const size = (blocks.length - 1) * blockSize + tail
  return { directory, attributes, blocks, size, isInline, length: isInline ? head + tail : head, subdirectories }
}

const ownBlocks = ({ blocks, isInline }: Planned): number => blocks.length - (isInline ? 1 : 0)

/** Where the inodes of directories lie: one behind the other, those that fit into a block in one. */
class Layout {
  readonly planned: Planned[] = []
  readonly implied: ImpliedDirectory[] = []
  readonly shared = new Set<Leaf>()
  inodes = 0
  #offset: number

  constructor(start: number) {
    this.#offset = start
  }

  get end(): number {
    return Math.ceil(this.#offset / blockSize) * blockSize
  }

  addRoot(root: Directory): void {
    const planned = plan(root, blockSize - rootOffset)
    if (rootOffset + planned.length > blockSize) throw invalid('too many extended attributes on the root directory')
    root.offset = rootOffset
    this.#note(planned, '')
  }

  #add(directory: Directory, path: RawName): void {
    const planned = plan(directory, blockSize)
    const left = blockSize - (this.#offset % blockSize)
    if (left < planned.length && left < blockSize) this.#offset += left
    directory.offset = this.#offset
    this.#offset += Math.ceil(planned.length / nidUnit) * nidUnit
    this.#note(planned, path)
  }

  #note(planned: Planned, path: RawName): void {
    const { directory } = planned
    this.planned.push(planned)
    this.inodes += 1
    if (directory.attributes === undefined) this.implied.push({ path, offset: directory.offset })
    for (const [name, node] of directory.entries) {
      if (node.kind === 'directory') this.#add(node, joinNames(path, name))
      else if (++node.links === 1) this.inodes += 1
      else this.shared.add(node)
    }
  }
}

/** The end of an image: directories, the root and the superblock; and the number of links of what has several. */
export const finishImage = ({ file, tree, inodes, hasChunks }: Unfinished): FinishedImage => {
  inodes.flush()
  const layout = new Layout(file.length)
  layout.addRoot(tree.root)
  const nidOf = (node: Node): number =>
    (node.kind === 'directory' ? node.offset : inodes.offsetOf(node.inode)) / nidUnit
  const block0 = Buffer.alloc(blockSize)
  writeDirectories(file, layout, nidOf, block0)
  for (const leaf of layout.shared) file.patch(inodes.offsetOf(leaf.inode) + linksOffset, uint32(leaf.links))
  writeSuperblock(block0, { inodes: layout.inodes, blocks: file.length / blockSize, hasChunks })
  file.patch(0, block0)
  return { inodes: layout.inodes, implied: layout.implied }
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const writeDirectories = (file: BlockFile, layout: Layout, nidOf: (node: Node) => number, block0: Buffer): void => {
  let start = layout.end / blockSize
  for (const planned of layout.planned) {
    const { directory } = planned
    const isRoot = directory.parent === undefined
    const into = isRoot ? block0 : Buffer.alloc(planned.length)
    writeDirectory(into, isRoot ? rootOffset : 0, planned, { start, nidOf })
    start += ownBlocks(planned)
    if (isRoot) continue
    file.append(Buffer.alloc(directory.offset - file.length))
    file.append(into)
  }
  file.pad()
  for (const planned of layout.planned) {
    for (const entries of planned.blocks.slice(0, ownBlocks(planned))) {
      const block = Buffer.alloc(blockSize)
      writeEntries(block, 0, entries, nidOf)
      file.append(block)
    }
  }
  file.finish()
}

const writeDirectory = (
  into: Buffer,
  at: number,
  planned: Planned,
  { start, nidOf }: { readonly start: number; readonly nidOf: (node: Node) => number },
): void => {
  const { attributes, size, isInline, subdirectories } = planned
  writeInode(into, at, attributes, {
    kind: 'directory',
    layout: isInline ? 'inline' : 'plain',
    size,
    start: ownBlocks(planned) === 0 ? noBlock : start,
    links: 2 + subdirectories,
  })
  if (isInline) writeEntries(into, at + inodeSize + attributes.xattrs.length, planned.blocks.at(-1) ?? [], nidOf)
}
