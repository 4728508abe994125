import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/** The absolute path of a program, as a shell would find it; undefined when there is none. */
export const findBinary = (name: string, searchPath = process.env['PATH'] ?? ''): string | undefined => {
  if (name === '') return undefined
  if (name.includes('/')) return isExecutable(name) ? resolve(name) : undefined
  const directories = searchPath.split(delimiter).filter((directory) => directory.startsWith('/'))
  return directories.map((directory) => join(directory, name)).find(isExecutable)
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The first of these programs that is there. */
export const findFirstBinary = (...names: readonly string[]): string | undefined =>
  names.map((name) => findBinary(name)).find((path) => path !== undefined)
