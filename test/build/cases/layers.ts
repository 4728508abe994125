import { createHash } from 'node:crypto'
import { posix } from 'node:path'

/** What is at a path, as one line without the path. */
type Tree = Map<string, string>

/** The time that the files of the contexts have, in seconds since 1970. */
export const contextTime = 981_173_106

const blockSize = 512
const letters: Readonly<Record<string, string>> = { '0': '-', '2': 'l', '3': 'c', '4': 'b', '5': 'd', '6': 'p' }

const textAt = (block: Buffer, at: number, length: number): string => {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.subarray(0, end === -1 ? length : end).toString()
}

const numberAt = (block: Buffer, at: number, length: number): number =>
  Number.parseInt(textAt(block, at, length).trim() || '0', 8)

/** A pax header's records: `27 path=some/where\n`. */
const paxRecords = (body: Buffer): Readonly<Record<string, string>> => {
  const records: Record<string, string> = {}
  for (let at = 0; at < body.length; ) {
    const length = Number.parseInt(body.subarray(at, at + 20).toString(), 10)
    const [, name = '', value = ''] = /^\d+ ([^=]+)=(.*)\n$/s.exec(body.subarray(at, at + length).toString()) ?? []
    records[name] = value
    at += length
  }
  return records
}

/** Other times are those of the build with BuildKit, and 1970's with us: the same inputs give the same layer. */
const timeMark = (seconds: number): string => (seconds === contextTime ? ' @context' : '')

const clean = (name: string): string => posix.resolve('/', name)

const remove = (tree: Tree, path: string, { itself }: { readonly itself: boolean }): void => {
  for (const other of [...tree.keys()]) {
    if ((itself && other === path) || other.startsWith(path === '/' ? '/' : `${path}/`)) tree.delete(other)
  }
}

const put = (tree: Tree, path: string, line: string): void => {
  const name = posix.basename(path)
  const directory = posix.dirname(path)
  if (name === '.wh..wh..opq') remove(tree, directory, { itself: false })
  else if (name.startsWith('.wh.')) remove(tree, posix.join(directory, name.slice('.wh.'.length)), { itself: true })
  else {
    if (!line.startsWith('d')) remove(tree, path, { itself: true })
    tree.set(path, line)
  }
}

/** Puts a layer on what is below it. */
export const applyLayer = (below: ReadonlyMap<string, string>, tar: Buffer): ReadonlyMap<string, string> => {
  const tree = new Map(below)
  const added = new Map<string, string>()
  let pax: Readonly<Record<string, string>> = {}
  for (let at = 0; at + blockSize <= tar.length; ) {
    const block = tar.subarray(at, at + blockSize)
    if (block[0] === 0) break
    const size = Number(pax['size'] ?? numberAt(block, 124, 12))
    const body = tar.subarray(at + blockSize, at + blockSize + size)
    at += blockSize + Math.ceil(size / blockSize) * blockSize
    const type = textAt(block, 156, 1) || '0'
    if (type === 'x') {
      pax = paxRecords(body)
      continue
    }
    const prefix = textAt(block, 345, 155)
    const path = clean(pax['path'] ?? (prefix === '' ? textAt(block, 0, 100) : `${prefix}/${textAt(block, 0, 100)}`))
    const target = pax['linkpath'] ?? textAt(block, 157, 100)
    const mode = numberAt(block, 100, 8).toString(8).padStart(4, '0')
    const owner = `${pax['uid'] ?? numberAt(block, 108, 8)}:${pax['gid'] ?? numberAt(block, 116, 8)}`
    const seconds = Math.floor(Number(pax['mtime'] ?? numberAt(block, 136, 12)))
    pax = {}
    if (path === '/') continue
    if (type === '1') {
      added.set(path, added.get(clean(target)) ?? `hard link to ${target}`)
    } else {
      const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
      const content = type === '0' ? ` ${hash}` : type === '2' ? ` -> ${target}` : ''
      const time = type === '0' ? timeMark(seconds) : ''
      added.set(path, `${letters[type] ?? type} ${type === '2' ? '' : `${mode} `}${owner}${content}${time}`)
    }
  }
  // Whiteouts are about what lies below, wherever they stand in the tar.
  const isWhiteout = ([path]: readonly [string, string]): boolean => posix.basename(path).startsWith('.wh.')
  for (const [path, line] of [...added].filter(isWhiteout)) put(tree, path, line)
  for (const [path, line] of [...added].filter((entry) => !isWhiteout(entry))) put(tree, path, line)
  return tree
}

/** What is there that wasn't, is there in another way, or isn't there any more. */
export const differences = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> => {
  const changed = [...after].filter(([path, line]) => before.get(path) !== line)
  const gone = [...before.keys()].filter((path) => !after.has(path)).map((path) => [path, 'gone'] as const)
  return Object.fromEntries([...changed, ...gone].sort(([a], [b]) => (a < b ? -1 : 1)))
}
