import { posix } from 'node:path'

/** A side of `cp`: a path in a container, or one here; `-` is stdin or stdout. */
export interface CopyOperand {
  readonly container: string | undefined
  readonly path: string
}

/** `web:/etc/x` is in a container; `/a:b` and `./a:b` are not. */
export const parseCopyOperand = (text: string): CopyOperand => {
  const [, container = '', path = ''] = /^([^:]*):(.*)$/s.exec(text) ?? []
  const isLocal = text.startsWith('/') || text.startsWith('.') || !text.includes(':')
  return isLocal ? { container: undefined, path: text } : { container, path }
}

/** `/a/.`: what is in the directory, not the directory. */
export const asksForContents = (path: string): boolean => /(?:^|\/)\.$/.test(path)

/** `/a/`: it is to be a directory. */
export const assertsDirectory = (path: string): boolean => path.endsWith('/') || asksForContents(path)

/** The last name of a path; `.` and `/` where it has none. */
export const baseName = (path: string): string => {
  if (asksForContents(path)) return '.'
  return posix.basename(posix.normalize(path)) || '/'
}

/** What the path leads to, and whether it is a directory; undefined when there is nothing. */
export interface Destination {
  readonly path: string
  readonly kind: 'directory' | 'other' | undefined
}

/** Where the top of what is copied goes, by docker's rules (docker container cp, "Description"). Throws in docker's words. */
export const placeCopy = (
  source: { readonly path: string; readonly isDirectory: boolean; readonly name: string },
  { path, kind }: Destination,
): { readonly directory: string; readonly name: string } => {
  if (kind === 'directory') return { directory: path, name: source.name }
  if (kind === 'other' && source.isDirectory) throw new Error('cannot copy directory')
  if (kind === 'other' && assertsDirectory(path)) throw new Error('not a directory')
  if (kind === undefined && !source.isDirectory && assertsDirectory(path)) throw new Error('no such directory')
  const clean = posix.normalize(path).replace(/(?<=.)\/$/, '')
  return { directory: posix.dirname(clean), name: posix.basename(clean) }
}
