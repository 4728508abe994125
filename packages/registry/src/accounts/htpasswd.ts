import { invalid } from '@slipway/core'
import { isForeignHash } from './password.ts'

export interface HtpasswdEntry {
  readonly name: string
  readonly hash: string
}

const largest = 1 << 20

/**
 * Reads an htpasswd file as docker's registry does: only bcrypt (`htpasswd -B`) is taken, for the older kinds are broken.
 * Throws invalid, with the number of the line.
 */
export const parseHtpasswd = (text: string): readonly HtpasswdEntry[] => {
  if (text.length > largest) throw invalid('the htpasswd file is larger than 1 MiB')
  return text.split('\n').flatMap((line, at) => {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#')) return []
    const colon = entry.indexOf(':')
    const hash = entry.slice(colon + 1)
    if (colon <= 0) throw invalid(`line ${at + 1} is not NAME:HASH`)
    if (!isForeignHash(hash)) throw invalid(`line ${at + 1} has no bcrypt hash of cost 4 to 14: use htpasswd -B`)
    return [{ name: entry.slice(0, colon), hash }]
  })
}
