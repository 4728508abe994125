import { fromText, type RawName } from '../layer/file-name.ts'

/** A path as a process with its own root reads it: `/../etc/./x/` is `etc/x`, since the root's parent is the root. */
export const clampPath = (path: string): RawName => {
  const names: string[] = []
  for (const name of fromText(path).split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names.join('/')
}
