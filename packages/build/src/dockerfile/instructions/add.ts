import { invalid } from '@slipway/core'
import type { Edge } from '../../graph/vertex.ts'
import type { CopyAction } from '../../ops/file.ts'
import { checkout } from '../../ops/git.ts'
import { download } from '../../ops/http.ts'
import { noticeIgnored } from '../check/notices.ts'
import type { Flags, FlagTable } from '../flags.ts'
import { isGit, isUrl, parseGitUrl } from '../git-url.ts'
import { instruction } from '../instruction.ts'
import { expandIn, layerOptions } from '../stage.ts'
import { describeSources, expandSources, parseSources, writeActions } from './file-sources.ts'
import { describeOwnership, expandOwnership, fileFlags, fileWriter } from './ownership.ts'

const isRemote = (path: string): boolean => isUrl(path) || isGit(path)

const checkSources = (paths: readonly string[], given: Flags): void => {
  if (!given.has('checksum')) return
  if (paths.length !== 1) throw invalid("checksum can't be specified for multiple sources")
  if (!paths.every(isRemote)) throw invalid('checksum requires HTTP(S) or Git sources')
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
    const typed = given.text('checksum')
    const checksum = typed === undefined ? undefined : expandIn(stage, line, typed)
    const change = fileWriter(given)
    checkSources(expanded.paths, given)
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
    const written = writeActions(expanded, stage, ownership)
    const first = local.length === 0 ? written : [action(local, true), ...written]
    const begun = first.length === 0 ? stage.root : change(stage.root, first, setting.context, layerOptions(setting))
    const root = expanded.paths.filter(isRemote).reduce<Edge>((edge, url) => {
      if (isGit(url)) {
        const source = checkout(parseGitUrl(url), { checksum, keepGitDir: given.isSet('keep-git-dir') })
        return change(edge, [{ ...action(['.'], false), unpack: false }], source, layerOptions(setting))
      }
      const file = download(url, checksum)
      return change(edge, [{ ...action([file.name], false) }], file.edge, layerOptions(setting))
    }, begun)
    return {
      stage: { ...stage, root },
      createdBy: describeSources('ADD', describeOwnership(ownership, given), expanded),
    }
  },
})
