import { type BigIntStats, closeSync, fstatSync } from 'node:fs'
import { statIn } from './directories.ts'
import { inDirectory, type RawName } from './file-name.ts'
import { openDirectory } from './walk.ts'
import { isOpaque, isWhiteout } from './whiteout.ts'

/** The directories of the lower layers that show at one place, top first. */
export type Stack = readonly number[]

/** What the lower layers have under a name: the directories to be merged, and whether there is anything. */
export const lookUp = (stack: Stack, name: RawName): { readonly exists: boolean; readonly directories: Stack } => {
  const directories: number[] = []
  for (const fd of stack) {
    const stat = statIn(fd, name)
    if (stat === undefined) continue
    if (isWhiteout(stat)) break
    if (!stat.isDirectory()) return { exists: true, directories }
    const path = inDirectory(fd, name)
    directories.push(openDirectory(path))
    if (isOpaque(path)) break
  }
  return { exists: directories.length > 0, directories }
}

export const closeAll = (stack: Stack): void => {
  for (const fd of stack) closeSync(fd)
}

/** The directory that shows at `path` in the lower layers (top first), if one does. */
export const findDirectory = (lowers: readonly string[], path: RawName): BigIntStats | undefined => {
  let stack: Stack = lowers.map(openDirectory)
  try {
    for (const name of path === '' ? [] : path.split('/')) {
      const { directories } = lookUp(stack, name)
      closeAll(stack)
      stack = directories
    }
    return stack[0] === undefined ? undefined : fstatSync(stack[0], { bigint: true })
  } finally {
    closeAll(stack)
  }
}
