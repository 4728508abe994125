import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { invalid, SlipwayError } from '@slipway/core'
import { findBinary } from '@slipway/linux'
import { decompressStream, readTar } from '@slipway/store'
import { isArchive, openPart } from '../ops/file/archive.ts'
import { gitEnvironment } from '../ops/git.ts'

const run = promisify(execFile)

/** A place that isn't there, and least of all the checkout, which could bring a configuration that names programs. */
const noHome = '/nonexistent'

/** When the commit was made that a directory of a checkout shows: seconds since 1970. */
export const committedAt = async (directory: string, signal: AbortSignal): Promise<number> => {
  const binary = findBinary('git')
  if (binary === undefined) throw new SlipwayError('unsupported', 'git is not installed')
  const options = { cwd: directory, env: gitEnvironment(noHome), signal }
  const { stdout } = await run(binary, ['log', '-1', '--format=%ct'], options)
  const seconds = Number(stdout.trim())
  if (!Number.isSafeInteger(seconds)) throw invalid(`git tells no time of a commit: ${stdout.slice(0, 80)}`)
  return seconds
}

/** The time of the youngest file of an archive, in whole seconds since 1970; undefined: it is none, or holds no file. */
export const youngestIn = async (path: string): Promise<number | undefined> => {
  const { size } = await stat(path)
  const part = { path, start: 0, size }
  if (!(await isArchive(part))) return undefined
  let youngest: number | undefined
  for await (const { header } of readTar(decompressStream(openPart(part)))) {
    if (header.type === 'file') youngest = Math.max(youngest ?? 0, Math.floor(header.mtime))
  }
  return youngest
}
