import { join } from 'node:path'
import { ignoreMatcher, parseIgnoreFile } from '@slipway/core'
import { runInThread } from '../ops/file/pool.ts'
import type { FileSource } from '../ops/file/select.ts'

const biggestFile = 4 << 20

/**
 * The text of a small file of the context, looked up as if the context were the root; undefined: there is none. Throws invalid.
 */
export const readContextFile = async (
  context: FileSource,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const tree = { source: context, ignore: [], isContext: true }
  return (await runInThread({ kind: 'read', tree, path, most: biggestFile }, signal)).text
}

/** The patterns that apply to a Dockerfile: those of its own ignore file, or of the context's. Throws invalid. */
export const readIgnorePatterns = async (
  context: FileSource,
  dockerfilePath: string,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const own = await readContextFile(context, `${dockerfilePath}.dockerignore`, signal)
  const text = own ?? (await readContextFile(context, join('/', '.dockerignore'), signal))
  const patterns = text === undefined ? [] : parseIgnoreFile(text)
  ignoreMatcher(patterns)
  return patterns
}
