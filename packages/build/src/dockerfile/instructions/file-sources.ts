import { posix } from 'node:path'
import { invalid } from '@slipway/core'
import type { WriteAction } from '../../ops/file.ts'
import type { Heredoc } from '../heredoc.ts'
import { heredocText, readHeredocStart } from '../heredoc.ts'
import { listArgument } from '../instruction.ts'
import type { Line } from '../parser.ts'
import { expandBodyIn, expandIn, type Stage } from '../stage.ts'

/** What COPY and ADD have between their flags and their end. */
export interface Sources {
  readonly paths: readonly string[]
  readonly heredocs: readonly Heredoc[]
  readonly destination: string
}

/** The same with variables filled in. */
export interface ExpandedSources extends Sources {
  /** The destination before it became absolute. */
  readonly typed: string
}

/** Throws invalid in docker's words. */
export const parseSources = (line: Line): Sources => {
  const words = listArgument(line)
  const destination = words.at(-1)
  if (destination === undefined || words.length === 1) {
    throw invalid(
      `${line.name} requires at least two arguments, but only one was provided. Destination could not be determined`,
    )
  }
  if (readHeredocStart(destination) !== undefined)
    throw invalid(`${line.name} cannot accept a heredoc as a destination`)
  const bodies = new Map(line.heredocs.map((heredoc) => [heredoc.name, heredoc]))
  const sources = words.slice(0, -1).map((word) => {
    const start = readHeredocStart(word)
    // In a list nothing follows that could be its body: it is empty.
    return start === undefined ? word : (bodies.get(start.name) ?? { ...start, content: '' })
  })
  return {
    paths: sources.filter((source) => typeof source === 'string'),
    heredocs: sources.filter((source) => typeof source !== 'string'),
    destination,
  }
}

/** Absolute; a slash at its end says that it is a directory. */
const resolveDestination = (stage: Stage, text: string): string => {
  const isDirectory = /(?:^|\/)\.?$/.test(text)
  const absolute = posix.resolve(stage.config.WorkingDir || '/', text)
  return isDirectory && absolute !== '/' ? `${absolute}/` : absolute
}

/** Fills in the variables. Throws invalid. */
export const expandSources = (sources: Sources, line: Line, stage: Stage): ExpandedSources => {
  const paths = sources.paths.map((path) => expandIn(stage, line, path))
  const typed = expandIn(stage, line, sources.destination)
  return { ...sources, paths, typed, destination: resolveDestination(stage, typed) }
}

/** Heredocs are files named after their delimiter. */
export const writeActions = (
  { heredocs, destination }: Sources,
  stage: Stage,
  ownership: Pick<WriteAction, 'owner' | 'ownerMustExist' | 'mode'>,
): readonly WriteAction[] =>
  heredocs.map((heredoc) => ({
    kind: 'write',
    name: heredoc.name,
    content: heredoc.expand ? expandBodyIn(stage, heredocText(heredoc)) : heredocText(heredoc),
    destination,
    ...ownership,
  }))

/** The entry in the history: what was copied where, without the flags that only say how. */
export const describeSources = (name: string, flags: readonly string[], { paths, heredocs, typed }: ExpandedSources) =>
  [name, ...flags, ...paths, ...heredocs.map((heredoc) => `<<${heredoc.name}`), typed, '# buildkit'].join(' ')
