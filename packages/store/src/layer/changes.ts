import { closeSync, readdirSync } from 'node:fs'
import type { Change, ChangeKind } from '@slipway/core'
import { compareTrees } from './compare-trees.ts'
import { statIn } from './directories.ts'
import { inDirectory, joinNames, ofDescriptor, type RawName, toText } from './file-name.ts'
import { closeAll, lookUp, type Stack } from './lower-layers.ts'
import { openDirectory } from './walk.ts'
import { isOpaque, isWhiteout } from './whiteout.ts'

export type ListChanges =
  /** An overlay's upper directory over its lower ones, top first. */
  | { readonly upper: string; readonly lowers: readonly string[] }
  /** Two whole trees. */
  | { readonly tree: string; readonly base: string | null }

type Note = (path: RawName, kind: ChangeKind) => void

const existsIn = (stack: Stack, name: RawName): boolean => {
  const { exists, directories } = lookUp(stack, name)
  closeAll(directories)
  return exists
}

/** What the lower layers showed in a directory that the upper one has made opaque. */
const noteHidden = (stack: Stack, present: ReadonlySet<RawName>, prefix: RawName, note: Note): void => {
  const names = new Set(stack.flatMap((fd) => readdirSync(ofDescriptor(fd), 'latin1')))
  for (const name of names) {
    if (!present.has(name) && existsIn(stack, name)) note(joinNames(prefix, name), 'deleted')
  }
}

const compareLayer = (upper: number, stack: Stack, prefix: RawName, note: Note): void => {
  for (const name of readdirSync(ofDescriptor(upper), 'latin1')) {
    const stat = statIn(upper, name)
    if (stat === undefined) continue
    const path = joinNames(prefix, name)
    const { exists, directories } = lookUp(stack, name)
    try {
      if (isWhiteout(stat)) {
        if (exists) note(path, 'deleted')
        continue
      }
      note(path, exists ? 'modified' : 'added')
      if (stat.isDirectory()) compareDirectory(upper, directories, { name, path }, note)
    } finally {
      closeAll(directories)
    }
  }
}

const compareDirectory = (
  upper: number,
  stack: Stack,
  { name, path }: { readonly name: RawName; readonly path: RawName },
  note: Note,
): void => {
  const fd = openDirectory(inDirectory(upper, name))
  try {
    if (isOpaque(inDirectory(upper, name))) {
      noteHidden(stack, new Set(readdirSync(ofDescriptor(fd), 'latin1')), path, note)
    }
    compareLayer(fd, stack, path, note)
  } finally {
    closeSync(fd)
  }
}

/** A worker's job: what `docker diff` shows. A directory that was copied up shows as modified, as in docker. */
export const listChanges = async (input: ListChanges): Promise<readonly Change[]> => {
  const changes = new Map<RawName, ChangeKind>()
  const opened = ('upper' in input ? [input.upper, ...input.lowers] : [input.tree]).map(openDirectory)
  const base = 'base' in input && input.base !== null ? openDirectory(input.base) : null
  try {
    const [top, ...stack] = opened as [number, ...number[]]
    if ('upper' in input) compareLayer(top, stack, '', (path, kind) => void changes.set(path, kind))
    else for (const [path, kind] of compareTrees(base, top)) changes.set(path, kind)
  } finally {
    closeAll(base === null ? opened : [...opened, base])
  }
  const sorted = [...changes].sort(([one], [other]) => (one < other ? -1 : 1))
  return sorted.map(([path, kind]) => ({ kind, path: `/${toText(path)}` }))
}
