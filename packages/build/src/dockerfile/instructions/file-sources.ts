import { posix } from 'node:path'
import { invalid } from '@slipway/core'
import type { WriteAction } from '../../ops/file.ts'
import { expandWord } from '../expand.ts'
import type { Heredoc } from '../heredoc.ts'
import { readHeredocStart } from '../heredoc.ts'
import { listArgument } from '../instruction.ts'
import type { Line } from '../parser.ts'
import { expandIn, type Stage, variablesOf } from '../stage.ts'

/** What COPY and ADD have between their flags and their end. */
export interface Sources {
  readonly paths: readonly string[]
  readonly heredocs: readonly Heredoc[]
  readonly destination: string
}

/** Throws invalid in docker's words. */
export const parseSources = (line: Line): Sources => {
  const words = listArgument(line)
  const destination = words.at(-1)
  if (destination === undefined) throw invalid(`${line.name} requires at least two arguments`)
  if (words.length === 1) {
    throw invalid(
      `${line.name} requires at least two arguments, but only one was provided. Destination could not be determined.`,
    )
  }
  if (readHeredocStart(destination) !== undefined)
    throw invalid(`${line.name} cannot accept a heredoc as a destination`)
  const isHeredoc = (word: string): boolean => line.heredocs.length > 0 && readHeredocStart(word) !== undefined
  return { paths: words.slice(0, -1).filter((word) => !isHeredoc(word)), heredocs: line.heredocs, destination }
}

/** Absolute; a slash at its end says that it is a directory. */
const resolveDestination = (stage: Stage, text: string): string => {
  const isDirectory = /(?:^|\/)\.?$/.test(text)
  const absolute = posix.resolve(stage.config.WorkingDir || '/', text)
  return isDirectory && absolute !== '/' ? `${absolute}/` : absolute
}

/** The same with variables filled in. Throws invalid. */
export const expandSources = (sources: Sources, line: Line, stage: Stage): Sources => {
  const paths = sources.paths.map((path) => expandIn(stage, line, path))
  const destination = resolveDestination(stage, expandIn(stage, line, sources.destination))
  if (paths.length + sources.heredocs.length > 1 && !destination.endsWith('/')) {
    throw invalid(
      `When using ${line.name} with more than one source file, the destination must be a directory and end with a /`,
    )
  }
  return { ...sources, paths, destination }
}

/** Heredocs are files named after their delimiter. Quotes mean nothing in them, and `\` escapes. */
export const writeActions = (
  { heredocs, destination }: Sources,
  stage: Stage,
  ownership: { readonly owner?: string; readonly mode?: string },
): readonly WriteAction[] =>
  heredocs.map((heredoc) => ({
    kind: 'write',
    name: heredoc.name,
    content: heredoc.expand ? expandWord(heredoc.content, variablesOf(stage), { ignoreQuotes: true }) : heredoc.content,
    destination,
    ...ownership,
  }))

/** The entry in the history: what was copied where, without the flags that only say how. */
export const describeSources = (name: string, flags: readonly string[], { paths, heredocs, destination }: Sources) =>
  [name, ...flags, ...paths, ...heredocs.map((heredoc) => `<<${heredoc.name}`), destination, '# buildkit'].join(' ')
