import { type ByteRange, type Digest, invalid, notFound } from '@slipway/core'

/** The bytes of `size` that `range` means, end excluded. Throws invalid for a start beyond the end. */
export const resolveRange = (size: number, range: ByteRange = { start: 0 }): { start: number; end: number } => {
  const { start, end = size - 1 } = range
  if (start < 0 || start > size || end < start - 1) {
    throw invalid(`range ${start}-${range.end ?? ''} is outside of ${size} bytes`)
  }
  return { start, end: Math.min(end + 1, size) }
}

export const noSuchBlob = (digest: Digest) => notFound('blob', digest)

/** Throws invalid unless the bytes that came are the ones expected. */
export const verifyContent = (
  got: { readonly digest: Digest; readonly size: number },
  expected: { readonly digest: Digest; readonly size?: number },
): void => {
  if (expected.size !== undefined && got.size !== expected.size) {
    throw invalid(`size mismatch: expected ${expected.size} bytes, got ${got.size}`)
  }
  if (got.digest !== expected.digest) throw invalid(`digest mismatch: expected ${expected.digest}, got ${got.digest}`)
}
