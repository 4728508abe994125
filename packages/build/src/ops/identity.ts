import { hash } from 'node:crypto'
import { chainIdOf, type Digest, digestOf } from '@slipway/core'
import type { KeyParts, Result } from '../graph/vertex.ts'
import type { Listing } from './file/listing.ts'

const nothing = digestOf('')

/** The name of what a result holds; a directory has none. */
export const identityOf = (result: Result): Digest | undefined =>
  result.kind === 'layers' ? (chainIdOf(result.layers) ?? nothing) : undefined

/** Some letters that differ when `value` does. */
export const markOf = (value: unknown): string =>
  hash('sha256', JSON.stringify(value ?? null), 'base64url').slice(0, 12)

/** A key from plain data, whose order of properties is fixed by whoever writes it. */
export const keyOf = (...parts: readonly unknown[]): Digest => digestOf(JSON.stringify(parts))

/** The parts of a key that tell of files. */
export const fileParts = (content: string, listings: readonly Listing[]): KeyParts =>
  Object.fromEntries([
    ['content', content],
    ...listings.flatMap((listing) => Object.entries(listing).map(([path, mark]) => [`file ${path}`, mark])),
  ])
