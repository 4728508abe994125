import { lstat } from 'node:fs/promises'
import { packFiles } from '../context/tar-context.ts'
import { type ContextFile, walkContext } from '../context/walk.ts'

async function* filesOf(path: string, name: string): AsyncIterable<ContextFile> {
  const stats = await lstat(path)
  yield { path: name, absolute: path, stats }
  if (!stats.isDirectory()) return
  for await (const file of walkContext(path, [])) yield { ...file, path: `${name}/${file.path}` }
}

/** A tar of a local file or directory, called `name` in it, with its owners. A symlink is packed as one. */
export const packPath = (path: string, name: string): AsyncIterable<Uint8Array> =>
  packFiles(filesOf(path, name), { owners: true })
