import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { Exit, fileProblem } from '../exit.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Throws Exit, as docker words it for a file that was saved as UTF-16, say. */
const checkEncoding = (bytes: Buffer, path: string): void => {
  if (isUtf8(bytes)) return
  const lines = bytes.toString('latin1').split('\n')
  const at = lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')))
  const shown = [...Buffer.from(lines[at] ?? '', 'latin1')].join(' ')
  throw new Exit(125, `invalid env file (${path}): invalid utf8 bytes at line ${at + 1}: [${shown}]`)
}

/** A byte order mark at the start, comments with `#` in the first column, nothing else is special. */
const linesOf = async (path: string): Promise<readonly string[]> => {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new Exit(125, fileProblem(error, path), { cause: error })
  })
  checkEncoding(bytes, path)
  return bytes
    .toString()
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, '').trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** `NAME=value` as it is; `NAME` alone takes the value it has here, and is nothing when it has none. */
const resolveName = (entry: string, env: Environment): readonly string[] => {
  if (entry.includes('=')) return [entry]
  const value = env[entry]
  return value === undefined ? [] : [`${entry}=${value}`]
}

const checkName = (entry: string, path: string): string => {
  const name = entry.split('=', 1)[0] ?? ''
  if (name === '') throw new Exit(125, `invalid env file (${path}): no variable name on line '${entry}'`)
  if (/\s/.test(name)) throw new Exit(125, `invalid env file (${path}): variable '${name}' contains whitespaces`)
  return entry
}

/** The files first, then what was written on the command line, which wins. Throws Exit. */
export const readEnvironment = async (
  files: readonly string[],
  entries: readonly string[],
  env: Environment,
): Promise<readonly string[]> => {
  const empty = entries.find((entry) => entry === '' || entry.startsWith('='))
  if (empty !== undefined) throw new Exit(125, `invalid environment variable: ${empty}`)
  const fromFiles = await Promise.all(
    files.map(async (path) => (await linesOf(path)).map((entry) => checkName(entry, path))),
  )
  const named = fromFiles.flat().flatMap((entry) => resolveName(entry, env))
  // What is named here and not set is sent bare: it takes the image's value away.
  return [...named, ...entries.flatMap((entry) => (entry.includes('=') ? [entry] : resolveOrBare(entry, env)))]
}

const resolveOrBare = (entry: string, env: Environment): readonly string[] => {
  const resolved = resolveName(entry, env)
  return resolved.length === 0 ? [entry] : resolved
}

/** `a=b` entries as a map; without a value: empty. */
export const readPairs = (entries: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf('=')
      return equals === -1 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
    }),
  )

export const readLabels = async (
  files: readonly string[],
  entries: readonly string[],
): Promise<Readonly<Record<string, string>>> => {
  const fromFiles = await Promise.all(files.map((path) => linesOf(path)))
  // In a file docker takes a name without a value for one that is to be looked up, and labels can't be.
  return readPairs([...fromFiles.flat().filter((entry) => entry.includes('=')), ...entries])
}
