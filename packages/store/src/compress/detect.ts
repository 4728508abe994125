export type CompressionFormat = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz'

const magics: readonly (readonly [CompressionFormat, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
]

/** A zstd stream may begin with a skippable frame: 0x184D2A50 to 0x184D2A5F, little endian (RFC 8878, 3.1.2). */
const isSkippableFrame = (bytes: Uint8Array): boolean =>
  ((bytes[0] ?? 0) & 0xf0) === 0x50 && bytes[1] === 0x2a && bytes[2] === 0x4d && bytes[3] === 0x18

/** How many first bytes `detectCompression` wants to see. */
export const magicLength = 6

/** Tells by the first bytes how something is compressed. */
export const detectCompression = (first: Uint8Array): CompressionFormat => {
  if (isSkippableFrame(first)) return 'zstd'
  const known = magics.find(([, magic]) => magic.every((byte, at) => first[at] === byte))
  return known?.[0] ?? 'none'
}
