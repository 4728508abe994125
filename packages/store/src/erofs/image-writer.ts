import { invalid } from '@slipway/core'
import { deviceNumber } from '@slipway/linux'
import type { BlockFile } from '../content/block-file.ts'
import { cleanName, type RawName, splitLast, toText } from '../layer/file-name.ts'
import { readWhiteout } from '../layer/whiteout.ts'
import type { TarHeader, TarType } from '../tar/header.ts'
import type { TarSink } from '../tar/parse.ts'
import { ChunkedBody, type FileBody, PlainBody, smallestWithHoles } from './file-body.ts'
import { type FinishedImage, finishImage } from './finish.ts'
import { blockSize, inodeSize } from './format.ts'
import { type Attributes, attributesOf, type Content, impliedAttributes, writeInode } from './inode.ts'
import { InodeArea } from './inode-area.ts'
import { type Directory, LayerTree, type Leaf, mostMemory } from './tree.ts'

const longestPath = 4095

const breakout = (name: Buffer): Error => invalid(`${JSON.stringify(name.toString())} is outside of "/"`)
const quote = (name: Buffer): string => JSON.stringify(name.toString())

/**
 * Makes a layer's tar an EROFS image, in one pass: files' bytes go straight to the image, each followed by its inode, and
 * the directories to its end. No path of the host is touched, so a hostile tar has nothing to climb to.
 */
export class ImageWriter implements TarSink {
  readonly #file: BlockFile
  readonly #tree: LayerTree
  readonly #inodes: InodeArea
  #open:
    | { readonly leaf: Leaf; readonly header: TarHeader; readonly attributes: Attributes; readonly body: FileBody }
    | undefined
  #whiteout: Leaf | undefined
  #hasChunks = false

  /** `file` is empty; `memory`: bytes that names may take. */
  constructor(file: BlockFile, { memory = mostMemory }: { readonly memory?: number } = {}) {
    this.#file = file
    this.#tree = new LayerTree(memory)
    this.#inodes = new InodeArea(file)
    // The superblock, and the root behind it.
    file.append(Buffer.alloc(blockSize))
  }

  entry(header: TarHeader): void {
    const path = cleanName(header.name.toString('latin1'))
    if (path === undefined) throw breakout(header.name)
    if (path.length > longestPath) throw invalid(`file name too long: ${toText(path).slice(0, 300)}`)
    if (path === '') {
      if (header.type !== 'directory') throw invalid(`invalid tar entry: ${header.type} in place of the root`)
      this.#describe(this.#tree.root, header)
      return
    }
    const { parent, name } = splitLast(path)
    const whiteout = readWhiteout(name)
    if (whiteout === undefined) this.#makers[header.type](this.#tree.make(parent), name, header)
    else if (whiteout.kind === 'opaque') this.#tree.make(parent).isOpaque = true
    else if (whiteout.kind === 'file') this.#makeWhiteout(this.#tree.make(parent), whiteout.name)
  }

  data(bytes: Buffer): void {
    this.#open?.body.take(bytes)
  }

  hole(length: number): void {
    this.#open?.body.hole(length)
  }

  end(): void {
    if (this.#open === undefined) return
    const { leaf, header, attributes, body } = this.#open
    this.#open = undefined
    const { layout, start, behind } = body.end()
    if (layout === 'chunks') this.#hasChunks = true
    leaf.inode = this.#addInode(attributes, { kind: 'file', layout, start, size: header.size, links: 1 }, behind)
  }

  /** After the last entry: the rest of the image is written, and flushed. */
  finish(): FinishedImage {
    return finishImage({ file: this.#file, tree: this.#tree, inodes: this.#inodes, hasChunks: this.#hasChunks })
  }

  readonly #makers: Readonly<Record<TarType, (parent: Directory, name: RawName, header: TarHeader) => void>> = {
    directory: (parent, name, header) => {
      const directory = this.#tree.directoryIn(parent, name) ?? this.#tree.replaceWithDirectory(parent, name)
      this.#describe(directory, header)
    },
    file: (parent, name, header) => {
      const attributes = attributesOf(header)
      const { size } = header
      const body =
        size < smallestWithHoles
          ? new PlainBody(this.#file, size, attributes.xattrs.length)
          : new ChunkedBody(this.#file, size)
      const leaf: Leaf = { kind: 'file', inode: 0, links: 0 }
      this.#tree.put(parent, name, leaf)
      this.#open = { leaf, header, attributes, body }
    },
    symlink: (parent, name, header) => {
      const { linkname } = header
      if (linkname.length === 0 || linkname.length > longestPath) {
        throw invalid(`invalid symlink ${quote(header.name)}: its target is ${linkname.length} bytes long`)
      }
      const attributes = attributesOf({ ...header, mode: 0o777 })
      const body = new PlainBody(this.#file, linkname.length, attributes.xattrs.length)
      body.take(linkname)
      const { layout, start, behind } = body.end()
      const content: Content = { kind: 'symlink', layout, start, size: linkname.length, links: 1 }
      const inode = this.#addInode(attributes, content, behind)
      this.#tree.put(parent, name, { kind: 'symlink', inode, links: 0, target: linkname.toString('latin1') })
    },
    hardlink: (parent, name, header) => {
      const target = cleanName(header.linkname.toString('latin1'))
      if (target === undefined || target === '') throw breakout(header.linkname)
      const { parent: above, name: last } = splitLast(target)
      const leaf = this.#tree.find(above)?.entries.get(last)
      if (leaf === undefined || leaf.kind === 'directory' || leaf.isWhiteout) {
        throw invalid(`invalid hardlink ${quote(header.name)} -> ${quote(header.linkname)}`)
      }
      this.#tree.put(parent, name, leaf)
    },
    char: (parent, name, header) => this.#makeNode(parent, name, 'char', header),
    block: (parent, name, header) => this.#makeNode(parent, name, 'block', header),
    fifo: (parent, name, header) => this.#makeNode(parent, name, 'fifo', header),
  }

  #describe(directory: Directory, header: TarHeader): void {
    directory.attributes = attributesOf(header)
    this.#tree.keep(directory.attributes.xattrs.length)
  }

  #makeNode(parent: Directory, name: RawName, kind: 'char' | 'block' | 'fifo', header: TarHeader): void {
    const { devMajor, devMinor } = header
    if (devMajor < 0 || devMajor > 0xfff || devMinor < 0 || devMinor > 0xfffff) {
      throw invalid(`invalid device ${devMajor}:${devMinor}: ${quote(header.name)}`)
    }
    const start = kind === 'fifo' ? 0 : Number(deviceNumber(devMajor, devMinor))
    const inode = this.#addInode(attributesOf(header), { kind, layout: 'plain', start, size: 0, links: 1 })
    const isWhiteout = kind === 'char' && start === 0
    this.#tree.put(parent, name, { kind, inode, links: 0, ...(isWhiteout ? { isWhiteout } : {}) })
  }

  /** Whiteouts are about the layers below, also when this layer has the name itself (layer.md#whiteouts). */
  #makeWhiteout(parent: Directory, name: RawName): void {
    if (name === '' || name === '.' || name === '..') throw invalid('invalid whiteout: no name')
    const there = parent.entries.get(name)
    if (there?.kind === 'directory') there.isOpaque = true
    if (there !== undefined) return
    this.#whiteout ??= {
      kind: 'char',
      isWhiteout: true,
      links: 0,
      inode: this.#addInode(
        { ...impliedAttributes, mode: 0 },
        { kind: 'char', layout: 'plain', start: 0, size: 0, links: 1 },
      ),
    }
    this.#tree.put(parent, name, this.#whiteout)
  }

  #addInode(attributes: Attributes, content: Content, behind?: Buffer): number {
    const head = inodeSize + attributes.xattrs.length
    return this.#inodes.add(head + (behind?.length ?? 0), (into, at) => {
      writeInode(into, at, attributes, content)
      behind?.copy(into, at + head)
    })
  }
}
