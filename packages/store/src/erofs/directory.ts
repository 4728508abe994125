import type { RawName } from '../layer/file-name.ts'
import { blockSize, kinds } from './format.ts'
import type { Directory, Node } from './tree.ts'

const recordSize = 12

interface Entry {
  readonly name: RawName
  readonly node: Node
}

/** All names of a directory in the order of their bytes, `.` and `..` among them, in blocks that no entry crosses. */
export const entryBlocks = (directory: Directory): readonly (readonly Entry[])[] => {
  const entries: Entry[] = [
    { name: '.', node: directory },
    { name: '..', node: directory.parent ?? directory },
    ...[...directory.entries].map(([name, node]) => ({ name, node })),
  ]
  entries.sort((one, other) => (one.name < other.name ? -1 : 1))
  const blocks: Entry[][] = []
  let used = blockSize
  for (const entry of entries) {
    const length = recordSize + entry.name.length
    if (used + length > blockSize) {
      blocks.push([])
      used = 0
    }
    blocks.at(-1)?.push(entry)
    used += length
  }
  return blocks
}

export const lengthOf = (block: readonly Entry[]): number =>
  block.reduce((sum, { name }) => sum + recordSize + name.length, 0)

/** Writes one block's entries into zeroed bytes. */
export const writeEntries = (
  into: Buffer,
  at: number,
  block: readonly Entry[],
  nidOf: (node: Node) => number,
): void => {
  let name = block.length * recordSize
  for (const [place, entry] of block.entries()) {
    const record = at + place * recordSize
    into.writeBigUInt64LE(BigInt(nidOf(entry.node)), record)
    into.writeUInt16LE(name, record + 8)
    into[record + 10] = kinds[entry.node.kind].inDirectory
    name += into.write(entry.name, at + name, 'latin1')
  }
}
