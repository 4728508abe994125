import { createHash, type Hash } from 'node:crypto'
import { invalid } from './errors.ts'

/**
 * `sha256:9f86d0…`: the name of bytes (OCI image-spec, descriptor.md#digests). `parseDigest()` is the only door for text from
 * outside.
 */
export type Digest = `sha256:${string}` | `sha512:${string}`
/** The digest of an *uncompressed* layer tar. */
export type DiffId = Digest
/** The digest of a stack of layers (OCI image-spec, config.md#layer-chainid). */
export type ChainId = Digest

const digestPattern = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/

export const isDigest = (text: string): text is Digest => digestPattern.test(text)

/** Throws invalid when `text` is not a sha256 or sha512 digest in its canonical form. */
export const parseDigest = (text: string): Digest => {
  if (!isDigest(text)) throw invalid(`invalid digest: ${JSON.stringify(text.slice(0, 160))}`)
  return text
}

export const algorithmOf = (digest: Digest): 'sha256' | 'sha512' => (digest.startsWith('sha256:') ? 'sha256' : 'sha512')

/** The hexadecimal part. */
export const hexOf = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1)

/** The digest of bytes or text held in memory. */
export const digestOf = (bytes: Uint8Array | string, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest =>
  finishDigest(createHash(algorithm).update(bytes), algorithm)

/** Closes a running hash. */
export const finishDigest = (hash: Hash, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest =>
  `${algorithm}:${hash.digest('hex')}`

/** chainIds([a, b]) = [a, sha256(a + ' ' + b)]: the name of every prefix of a stack of layers. */
export const chainIds = (diffIds: readonly DiffId[]): readonly ChainId[] => {
  const chain: ChainId[] = []
  for (const diffId of diffIds) {
    const parent = chain.at(-1)
    chain.push(parent === undefined ? diffId : digestOf(`${parent} ${diffId}`))
  }
  return chain
}

/** The name of the whole stack; undefined for an image without layers. */
export const chainIdOf = (diffIds: readonly DiffId[]): ChainId | undefined => chainIds(diffIds).at(-1)
