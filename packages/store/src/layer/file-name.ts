/**
 * Names inside this folder are Latin-1 strings, one character a byte: they sort, compare and serve as keys like bytes,
 * and lose nothing where a name is no UTF-8.
 */
export type RawName = string

// biome-ignore format: one line is easier to compare
const isAscii = (name: RawName): boolean => { for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) > 0x7f) return false; return true }

/** A raw name for node:fs. Most are ASCII, and a string is the fastest thing to hand over. */
export const toPath = (name: RawName): string | Buffer => (isAscii(name) ? name : Buffer.from(name, 'latin1'))

/** A raw name for people. */
export const toText = (name: RawName): string => (isAscii(name) ? name : Buffer.from(name, 'latin1').toString())

export const fromText = (text: string): RawName => (isAscii(text) ? text : Buffer.from(text).toString('latin1'))

/** The path of `name` in an open directory: the kernel looks up only this one name. */
export const inDirectory = (fd: number, name: RawName): string | Buffer => toPath(`/proc/self/fd/${fd}/${name}`)

/** The path of what is open, followed by whoever uses it. */
export const ofDescriptor = (fd: number): string => `/proc/self/fd/${fd}`

const plain = /^(?!\.{0,2}(?:\/|$))(?:[^/]+\/(?!\.{0,2}(?:\/|$)))*[^/]+$/

/**
 * `./a//b/../c/` is `a/c`, `/` is the empty name, as docker cleans the names of a tar. Undefined when it leaves the root.
 */
export const cleanName = (name: RawName): RawName | undefined => {
  const trimmed = name.endsWith('/') ? name.slice(0, -1) : name
  if (plain.test(trimmed)) return trimmed
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** `a/b/c` is `c` in `a/b`. */
export const splitLast = (path: RawName): { readonly parent: RawName; readonly name: RawName } => {
  const slash = path.lastIndexOf('/')
  return { parent: slash === -1 ? '' : path.slice(0, slash), name: path.slice(slash + 1) }
}

export const joinNames = (parent: RawName, name: RawName): RawName => (parent === '' ? name : `${parent}/${name}`)
