import koffi from 'koffi'

/**
 * What begins and ends at a multiple of this, in the file and in memory, can go between the two around the page cache
 * (open(2), O_DIRECT). Disks want 512 or 4096.
 */
export const directBlock = 4096

/** Memory that a disk can reach: it begins at a multiple of `directBlock`. What was in it before is still there. */
export const alignedMemory = (length: number): Uint8Array<ArrayBuffer> => {
  const { buffer } = Buffer.allocUnsafeSlow(length + directBlock)
  const over = Number(koffi.address(new Uint8Array(buffer)) % BigInt(directBlock))
  return new Uint8Array(buffer, (directBlock - over) % directBlock, length)
}
