import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CopyChange } from '../change.ts'
import { runFileJob, runPackJob } from '../jobs.ts'
import type { FileSource } from '../select.ts'

/** A source, a destination, and a place outside of both that nothing may touch. */
export const makePlaces = () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-copy-'))
  const places = {
    source: join(directory, 'source'),
    target: join(directory, 'target'),
    outside: join(directory, 'outside'),
  }
  for (const path of Object.values(places)) mkdirSync(path)
  return { ...places, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) }
}

export const fill = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    if (name.endsWith('/')) mkdirSync(join(root, name), { recursive: true })
    else if (content.startsWith('-> ')) symlinkSync(content.slice(3), join(root, name))
    else writeFileSync(join(root, name), content)
  }
}

/** Every path below, with contents and link targets. */
export const listing = (root: string, below = ''): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(join(root, below))
      .sort()
      .flatMap((name): readonly (readonly [string, string])[] => {
        const path = below === '' ? name : `${below}/${name}`
        const stat = lstatSync(join(root, path))
        if (stat.isSymbolicLink()) return [[path, `-> ${readlinkSync(join(root, path))}`]]
        if (stat.isDirectory()) return [[`${path}/`, ''], ...Object.entries(listing(root, path))]
        return [[path, stat.isFile() ? readFileSync(join(root, path), 'utf8') : 'special']]
      }),
  )

export interface Asked extends Partial<Omit<CopyChange, 'kind' | 'tree'>> {
  readonly paths: readonly string[]
  readonly destination: string
  readonly ignore?: readonly string[]
}

type Kind = FileSource['kind']
export const kinds: readonly Kind[] = ['directory', 'tar']
/** What is changed itself, or gets a layer on top. */
export const ways = ['disk', 'layer'] as const
type Way = (typeof ways)[number]
export const variants = ways.flatMap((way) => kinds.map((kind) => ({ kind, way, title: `from a ${kind} to a ${way}` })))
let tars = 0

/** The directory itself, or a tar of it, whose name is never used twice. */
export const sourceOf = (directory: string, kind: Kind): FileSource => {
  if (kind === 'directory') return { kind, path: directory }
  const path = `${directory}-${++tars}.tar`
  execFileSync('tar', ['-cf', path, '-C', directory, '.'])
  return { kind, path }
}

export const copy = (
  places: { readonly source: string; readonly target: string },
  { ignore = [], ...asked }: Asked,
  { kind, way }: { readonly kind: Kind; readonly way: Way } = { kind: 'directory', way: 'disk' },
): void => {
  const tree = { source: sourceOf(places.source, kind), ignore, isContext: true }
  const defaults = { keepOwner: false, exclude: [], parents: false, archives: [] }
  const job = { root: places.target, changes: [{ kind: 'copy', tree, ...defaults, ...asked }] } as const
  if (way === 'disk') runFileJob({ kind: 'change', ...job }, () => undefined)
  else {
    const input = Buffer.concat(
      [...runPackJob({ kind: 'pack', ...job }, () => undefined)].map((piece) => Buffer.from(piece)),
    )
    execFileSync('tar', ['-xpf', '-', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-C', places.target], {
      input,
    })
  }
}
