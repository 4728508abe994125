import { overQuota, type Use } from './use.ts'

/**
 * The bytes of a blob, as long as its project has room for them: `before` were sent already, `expected` come now, where that is
 * known. Throws forbidden before the first byte that is too many.
 */
export const withinQuota = async function* (
  body: AsyncIterable<Uint8Array>,
  use: Use | undefined,
  { before, expected }: { readonly before: number; readonly expected: number | undefined },
): AsyncGenerator<Uint8Array> {
  const room = use === undefined ? Number.POSITIVE_INFINITY : use.quota - use.used - before
  if (use !== undefined && expected !== undefined && expected > room) throw overQuota(use, before + expected)
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (use !== undefined && length > room) throw overQuota(use)
    yield chunk
  }
}
