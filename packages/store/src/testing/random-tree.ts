import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { deviceNumber, getXattr, listXattrs, makeFifo, mknod, setXattr } from '@slipway/linux'
import fc from 'fast-check'

/** Few names, so that most things happen to something. */
const names = ['a', 'ä ö', 'x'.repeat(120)]
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

/** What each run begins with. */
export const furnish = (root: string): void => {
  for (const name of names) {
    mkdirSync(join(root, name))
    for (const below of names) writeFileSync(join(root, name, below), name + below)
  }
}

/** Things that happen to a file system. One that can't (no parent, a name taken) doesn't. */
const actions = {
  write: (at: string, _: string, n: number) => {
    // Not into a FIFO, which would wait, nor into a device.
    if (lstatSync(at, { throwIfNoEntry: false })?.isFile() !== false) writeFileSync(at, 'x'.repeat(n * 37))
  },
  mkdir: (at: string) => mkdirSync(at),
  remove: (at: string) => rmSync(at, { recursive: true }),
  replace: (at: string) => {
    rmSync(at, { recursive: true })
    mkdirSync(at)
  },
  link: (at: string, other: string) => linkSync(other, at),
  symlink: (at: string, other: string) => symlinkSync(other, at),
  rename: (at: string, other: string) => renameSync(other, at),
  chmod: (at: string, _: string, n: number) => chmodSync(at, n * 41),
  chown: (at: string, _: string, n: number) => chownSync(at, n, n * 1000),
  device: (at: string, _: string, n: number) => mknod(at, 0o020600, deviceNumber(n + 1, n * 300)),
  fifo: (at: string) => makeFifo(at),
  xattr: (at: string, _: string, n: number) => setXattr(at, 'trusted.test', Buffer.from(`${n}`)),
  touch: (at: string, _: string, n: number) => lutimesSync(at, n, n * 1000),
} as const

export const action = fc.record({
  kind: fc.constantFrom(...(Object.keys(actions) as (keyof typeof actions)[])),
  at: path,
  other: path,
  n: fc.nat(99),
})
export type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

export const act = (root: string, { kind, at, other, n }: Action): void => {
  // Through a symlink it could happen outside of the root.
  const isPlain = (name: string): boolean =>
    name.split('/').every((_, end, parts) => {
      const part = join(root, ...parts.slice(0, end + 1))
      return !existsSync(part) || !lstatSync(part).isSymbolicLink()
    })
  if (!isPlain(at) || !isPlain(other)) return
  try {
    actions[kind](join(root, at), kind === 'symlink' ? other : join(root, other), n)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
  }
}

/** All there is to see, with hard links as the first name they had. */
export const describe = (root: string): readonly string[] => {
  const lines: string[] = []
  const seen = new Map<string, string>()
  const visit = (name: string): void => {
    const full = join(root, name)
    const stat = lstatSync(full, { bigint: true })
    // The lower layers of an overlay may be file systems that number their files alike.
    const file = `${stat.dev}:${stat.ino}`
    const first = stat.nlink > 1n && !stat.isDirectory() ? seen.get(file) : undefined
    seen.set(file, name)
    const xattrs = listXattrs(full).filter((each) => !each.startsWith('trusted.overlay.'))
    const values = xattrs.map((each) => `${each}=${getXattr(full, each)}`)
    const content = stat.isFile() ? readFileSync(full, 'utf8').length : stat.isSymbolicLink() ? readlinkSync(full) : ''
    // What a directory's time is says only when it was copied.
    const time = stat.isDirectory() ? '' : stat.mtimeMs / 1000n
    lines.push([name, first ?? '', stat.mode, stat.uid, stat.gid, stat.rdev, time, content, ...values].join(' '))
    if (stat.isDirectory()) for (const child of readdirSync(full).sort()) visit(join(name, child))
  }
  for (const name of readdirSync(root).sort()) visit(name)
  return lines
}
