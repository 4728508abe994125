import { invalid } from '@slipway/core'
import type { Edge } from '../../graph/vertex.ts'
import type { CopyAction } from '../../ops/file.ts'
import { checkout } from '../../ops/git.ts'
import { download } from '../../ops/http.ts'
import { noticeIgnored } from '../check/notices.ts'
import type { Flags, FlagTable } from '../flags.ts'
import { isGit, isUrl, parseGitUrl } from '../git-url.ts'
import { instruction } from '../instruction.ts'
import { quoteText } from '../quote.ts'
import { expandIn, layerOptions } from '../stage.ts'
import { describeSources, expandSources, parseSources, writeActions } from './file-sources.ts'
import { describeOwnership, expandOwnership, fileFlags, fileWriter } from './ownership.ts'

const isRemote = (path: string): boolean => isUrl(path) || isGit(path)

/** Neighbours of one kind together. */
const runsOf = <T>(items: readonly T[], kindOf: (item: T) => boolean): readonly (readonly T[])[] => {
  const runs: T[][] = []
  for (const item of items) {
    const last = runs.at(-1)
    if (last !== undefined && kindOf(last[0] as T) === kindOf(item)) last.push(item)
    else runs.push([item])
  }
  return runs
}

const checkSources = (paths: readonly string[], checksum: string | undefined): void => {
  if (checksum === undefined) return
  if (paths.length !== 1) throw invalid("checksum can't be specified for multiple sources")
  if (!paths.every(isRemote)) throw invalid('checksum requires HTTP(S) or Git sources')
}

/** What the flags say and what the address says may not differ. Throws invalid. */
const repositoryOf = (address: string, given: Flags, checksum: string | undefined): Parameters<typeof checkout> => {
  const url = parseGitUrl(address)
  const keepGitDir = given.isSet('keep-git-dir')
  if (given.has('keep-git-dir') && (url.keepGitDir ?? keepGitDir) !== keepGitDir) {
    throw invalid('inconsistent keep-git-dir configuration')
  }
  if (checksum !== undefined && (url.checksum ?? checksum) !== checksum) {
    throw invalid(`checksum mismatch ${quoteText(checksum)} != ${quoteText(url.checksum ?? '')}`)
  }
  return [url, { checksum, keepGitDir }]
}

export const addFlags = {
  ...fileFlags,
  checksum: 'string',
  unpack: 'boolean',
  'keep-git-dir': 'boolean',
} as const satisfies FlagTable

export const add = instruction({
  name: 'ADD',
  flags: addFlags,
  parse: (line) => ({ line, sources: parseSources(line), given: line.given }),
  apply({ line, given, sources }, stage, setting) {
    const ownership = expandOwnership(given, line, stage, setting)
    const expanded = expandSources(sources, line, stage)
    const checksum = expandIn(stage, line, given.text('checksum') ?? '') || undefined
    const change = fileWriter(given, ownership)
    checkSources(expanded.paths, checksum)
    const action = (paths: readonly string[], fromContext: boolean): CopyAction => ({
      kind: 'copy',
      paths,
      destination: expanded.destination,
      keepOwner: false,
      // Archives of the context are unpacked unless told otherwise, those from elsewhere only when told so.
      unpack: given.has('unpack') ? given.isSet('unpack') : fromContext,
      parents: false,
      exclude: given.all('exclude'),
      fromContext,
      ...ownership,
    })
    const local = expanded.paths.filter((path) => !isRemote(path))
    noticeIgnored(stage, line, { paths: local, ignore: setting.ignore })
    const edges: Edge[] = []
    const from = (edge: Edge): number => edges.push(edge) - 1
    const fetched = (url: string): CopyAction => {
      if (isGit(url)) {
        const source = from(checkout(...repositoryOf(url, given, checksum)))
        return { ...action(['.'], false), unpack: false, source }
      }
      const { edge, name } = download(url, checksum)
      return { ...action([name], false), source: from(edge) }
    }
    // In the order of the line, for one may write over another.
    const copied = runsOf(expanded.paths, isRemote).flatMap((paths) => {
      if (isRemote(paths[0] as string)) return paths.map(fetched)
      return [{ ...action(paths, true), source: from(setting.context) }]
    })
    const written = writeActions(expanded, stage, ownership)
    const root = change(stage.root, [...copied, ...written], edges, layerOptions(setting))
    return {
      stage: { ...stage, root },
      createdBy: describeSources('ADD', describeOwnership(ownership, given), expanded),
    }
  },
})
