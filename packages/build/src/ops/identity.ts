import { chainIdOf, type Digest, digestOf } from '@slipway/core'
import type { Result } from '../graph/vertex.ts'

const nothing = digestOf('')

/** The name of what a result holds; a directory has none. */
export const identityOf = (result: Result): Digest | undefined =>
  result.kind === 'layers' ? (chainIdOf(result.layers) ?? nothing) : undefined

/** A key from plain data, whose order of properties is fixed by whoever writes it. */
export const keyOf = (...parts: readonly unknown[]): Digest => digestOf(JSON.stringify(parts))
