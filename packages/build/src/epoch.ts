import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { invalid } from '@slipway/core'
import { fetchFiles } from './context/fetch.ts'
import { committedAt, youngestIn } from './context/modified.ts'
import { expandWord } from './dockerfile/expand.ts'
import { parseFlags } from './dockerfile/flags.ts'
import { isGit, isUrl, parseGitUrl } from './dockerfile/git-url.ts'
import { addFlags } from './dockerfile/instructions/add.ts'
import { parseArguments } from './dockerfile/instructions/arg.ts'
import { parseSources } from './dockerfile/instructions/file-sources.ts'
import type { Line } from './dockerfile/parser.ts'
import { fromLine } from './dockerfile/problem.ts'
import { findStage, type StageText } from './dockerfile/stages.ts'
import { checkout } from './ops/git.ts'
import { download } from './ops/http.ts'
import type { BuildRequest, BuildWorker, ModifiedAt } from './worker.ts'

const argument = 'SOURCE_DATE_EPOCH'
/** Dates behind it JavaScript doesn't know. */
const newestTime = 8.64e12

type Values = ReadonlyMap<string, string>
type BuildArgs = BuildRequest['buildArgs']

/** Where a stage takes its only files from. */
interface Remote {
  readonly address: string
  readonly isRepository: boolean
  readonly checksum: string | undefined
}

const readRemote = (line: Line, expand: (text: string) => string): Remote => {
  const { paths, heredocs } = parseSources(line)
  const [path] = paths
  if (path === undefined || paths.length > 1 || heredocs.length > 0) {
    throw invalid(`${argument} stage must contain exactly one remote ADD source`)
  }
  const given = parseFlags(line.flags, addFlags)
  const address = expand(path)
  const isRepository = isGit(address) || given.has('keep-git-dir')
  if (!isRepository && !isUrl(address)) {
    throw invalid(`${argument} stage source must be a single HTTP(S) or Git ADD`)
  }
  const checksum = given.text('checksum')
  return { address, isRepository, checksum: checksum && expand(checksum) }
}

/** What the stage adds, which may do nothing else. Throws invalid, in BuildKit's words. */
const remoteOf = ({ from, commands }: StageText, globals: Values, buildArgs: BuildArgs): Remote => {
  const values = new Map([...globals].filter(([name]) => name !== argument))
  const expandAt = (line: Line) => (text: string) =>
    expandWord(text, (name) => values.get(name), { escape: line.escapeChar })
  if (expandAt(from.line)(from.base) !== 'scratch') throw invalid(`${argument} stage must use FROM scratch`)
  let remote: Remote | undefined
  for (const { line } of commands) {
    const expand = expandAt(line)
    if (line.name === 'ARG') {
      for (const { name, value } of parseArguments(line)) {
        const chosen = buildArgs[name] ?? (value === undefined ? undefined : expand(value))
        if (chosen !== undefined) values.set(name, chosen)
      }
    } else if (line.name !== 'ADD') {
      const why = `unsupported ${line.typed} instruction`
      throw invalid(`${argument} stage does not meet source-only requirements: ${why}`)
    } else if (remote !== undefined) throw invalid(`${argument} stage must contain exactly one remote ADD`)
    else remote = readRemote(line, expand)
  }
  if (remote === undefined) throw invalid(`${argument} stage must contain exactly one remote ADD`)
  return remote
}

interface Fetching {
  readonly worker: BuildWorker
  readonly signal: AbortSignal
}

/** A commit's time, the time that the server tells, or that of the youngest file of an archive. */
const timeOfRemote = async (remote: Remote, fetching: Fetching): Promise<number | undefined> => {
  const { address, isRepository, checksum } = remote
  if (isRepository) {
    const source = checkout(parseGitUrl(address), { checksum, keepGitDir: false })
    await using files = await fetchFiles(source, fetching)
    return await committedAt(files.source.path, fetching.signal)
  }
  const { edge, name } = download(address, checksum)
  await using files = await fetchFiles(edge, fetching)
  const path = join(files.source.path, name)
  // Where the server told nothing, the file is from 1970.
  const seconds = Math.floor((await stat(path)).mtimeMs / 1000)
  return seconds === 0 ? await youngestIn(path) : seconds
}

/** What the value means besides a number: the context, another context, or a stage. Throws invalid for something else. */
const lookUp = (value: string, { request, stages, globals, worker }: EpochParts): ModifiedAt | undefined => {
  const { context, contexts, buildArgs } = request
  if (value === 'context') return context.kind === 'remote' ? context.modifiedAt : undefined
  const open = contexts?.get(value)
  if (open !== undefined) {
    return async (signal) => {
      const named = await open()
      return 'modifiedAt' in named ? await named.modifiedAt?.(signal) : undefined
    }
  }
  const stage = findStage(stages, value.toLowerCase(), stages.length)
  if (stage === undefined) throw invalid(`invalid ${argument}: ${value}`)
  const remote = fromLine(stage.from.line, () => remoteOf(stage, globals, buildArgs))
  return (signal) => timeOfRemote(remote, { worker, signal })
}

export interface EpochParts {
  readonly request: BuildRequest
  readonly stages: readonly StageText[]
  /** The ARGs before the first FROM, and their values. */
  readonly globals: Values
  readonly worker: BuildWorker
}

/** The time that a build is given, and what its arguments are then. */
export interface Epoch {
  /** Seconds since 1970. */
  readonly seconds?: number
  readonly buildArgs: BuildArgs
  readonly globals: Values
}

const withoutEpoch = <Value>(entries: Iterable<readonly [string, Value]>) =>
  [...entries].filter(([name]) => name !== argument)

/**
 * SOURCE_DATE_EPOCH: seconds, `context`, the name of a context or of a stage; from a build argument, or from the default of the
 * ARG. Empty: none. What it is found to mean takes its place, and where it can't be told it is as if it weren't given. Throws
 * invalid.
 */
export const resolveEpoch = async (parts: EpochParts): Promise<Epoch> => {
  const { request, globals } = parts
  const { buildArgs, signal } = request
  const value = buildArgs[argument] ?? globals.get(argument) ?? ''
  if (value === '') return { buildArgs, globals }
  if (/^\+?\d+$/.test(value)) {
    const seconds = Number(value)
    if (seconds > newestTime) throw invalid(`invalid ${argument}: ${value}`)
    return { seconds, buildArgs, globals }
  }
  const seconds = await lookUp(value, parts)?.(signal)
  if (seconds === undefined) {
    const rest = { ...buildArgs, [argument]: null }
    return { buildArgs: rest, globals: new Map(withoutEpoch(globals)) }
  }
  const text = String(seconds)
  return {
    seconds,
    buildArgs: buildArgs[argument] === undefined ? buildArgs : { ...buildArgs, [argument]: text },
    globals: new Map([...globals].map(([name, before]) => [name, name === argument ? text : before])),
  }
}
