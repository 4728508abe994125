import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { invalid } from '@slipway/core'
import { parseIgnoreFile } from './dockerfile/ignore/file.ts'
import { ignoreMatcher } from './dockerfile/ignore/matcher.ts'
import { resolveInRoot } from './ops/file/resolve.ts'

const biggestFile = 4 << 20

/** The text of a small file of the context, looked up as if the context were the root; undefined: there is none. Throws invalid. */
export const readContextFile = async (context: string, path: string): Promise<string | undefined> => {
  const file = resolveInRoot(context, path, { followLast: true })
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true) return undefined
  if (found.size > biggestFile) throw invalid(`${path} is larger than ${biggestFile} bytes`)
  return readFile(file, 'utf8')
}

/** The patterns that apply to a Dockerfile: those of its own ignore file, or of the context's. Throws invalid. */
export const readIgnorePatterns = async (context: string, dockerfilePath: string): Promise<readonly string[]> => {
  const own = await readContextFile(context, `${dockerfilePath}.dockerignore`)
  const text = own ?? (await readContextFile(context, join('/', '.dockerignore')))
  const patterns = text === undefined ? [] : parseIgnoreFile(text)
  ignoreMatcher(patterns)
  return patterns
}
