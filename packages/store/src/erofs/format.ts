/**
 * EROFS on disk, as much of it as an uncompressed, read-only image of a file tree needs (Linux,
 * fs/erofs/erofs_fs.h and Documentation/filesystems/erofs.rst). All numbers are little endian.
 */
export const blockSize = 4096
export const blockBits = 12
/** Inodes lie on a grid of this many bytes; an inode's nid is its place on it. */
export const nidUnit = 32
export const inodeSize = 64
export const superblockOffset = 1024
const superblockSize = 128
/** The root's nid has 16 bits, so the root lies right behind the superblock. */
export const rootOffset = superblockOffset + superblockSize
/** "There are no blocks": of a file without any, and of a chunk that is a hole. */
export const noBlock = 0xffff_ffff

export const blocksOf = (bytes: number): number => Math.ceil(bytes / blockSize)

/** How a file's content lies, as i_format of an extended inode has it. */
export const layouts = { plain: 0x1, inline: 0x5, chunks: 0x9 } as const
export type Layout = keyof typeof layouts

/** What a directory says of its entries (the kernel's FT_*), and S_IFMT, by a tar's words. */
export const kinds = {
  file: { inDirectory: 1, mode: 0o100000 },
  directory: { inDirectory: 2, mode: 0o040000 },
  char: { inDirectory: 3, mode: 0o020000 },
  block: { inDirectory: 4, mode: 0o060000 },
  fifo: { inDirectory: 5, mode: 0o010000 },
  symlink: { inDirectory: 7, mode: 0o120000 },
} as const
export type Kind = keyof typeof kinds

const magic = 0xe0f5e1e2
const checksumFeature = 0x1
const mtimeFeature = 0x2
const chunkedFileFeature = 0x4

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/** CRC-32C without the inversion at its end. */
const crc32c = (bytes: Uint8Array): number => {
  let crc = 0xffff_ffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] as number)
  return crc >>> 0
}

export interface Superblock {
  readonly inodes: number
  /** Length of the image. */
  readonly blocks: number
  readonly hasChunks: boolean
}

/**
 * Writes the superblock into block 0 of an image, all else of which is there already. Same tree, same bytes: no uuid, no time.
 */
export const writeSuperblock = (block: Buffer, { inodes, blocks, hasChunks }: Superblock): void => {
  const at = superblockOffset
  block.writeUInt32LE(magic, at)
  block.writeUInt32LE(checksumFeature | mtimeFeature, at + 8)
  block[at + 12] = blockBits
  block.writeUInt16LE(rootOffset / nidUnit, at + 14)
  block.writeBigUInt64LE(BigInt(inodes), at + 16)
  block.writeUInt32LE(blocks, at + 36)
  block.writeUInt32LE(hasChunks ? chunkedFileFeature : 0, at + 80)
  writeChecksum(block)
}

/** Block 0 was changed. */
export const writeChecksum = (block: Buffer): void => {
  block.writeUInt32LE(0, superblockOffset + 4)
  block.writeUInt32LE(crc32c(block.subarray(superblockOffset)), superblockOffset + 4)
}
