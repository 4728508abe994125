import { invalid, SlipwayError } from '@slipway/core'
import type { Edge } from '../../graph/vertex.ts'
import { type CopyAction, changeFiles } from '../../ops/file.ts'
import { download } from '../../ops/http.ts'
import { instruction } from '../instruction.ts'
import { layerOptions } from '../stage.ts'
import { describeSources, expandSources, parseSources, writeActions } from './file-sources.ts'
import { describeOwnership, expandOwnership, fileFlags } from './ownership.ts'

const isUrl = (path: string): boolean => /^https?:\/\//i.test(path)
const isGit = (path: string): boolean =>
  /^(?:git@|git:\/\/|ssh:\/\/)/.test(path) || /^https?:\/\/.*\.git(?:[#?].*)?$/.test(path)

const checkSources = (paths: readonly string[], checksum: string | undefined): void => {
  const git = paths.find(isGit)
  if (git !== undefined) throw new SlipwayError('unsupported', `ADD of a git repository is not supported yet: ${git}`)
  if (checksum === undefined) return
  if (paths.length !== 1) throw invalid("checksum can't be specified for multiple sources")
  if (!paths.every(isUrl)) throw invalid('checksum requires HTTP(S) or Git source')
}

export const add = instruction({
  name: 'ADD',
  flags: { ...fileFlags, checksum: 'string', unpack: 'boolean', 'keep-git-dir': 'boolean' },
  parse: (line) => ({ line, given: line.given, sources: parseSources(line) }),
  apply({ line, given, sources }, stage, setting) {
    const ownership = expandOwnership(given, line, stage)
    const expanded = expandSources(sources, line, stage)
    const checksum = given.text('checksum')
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
    const local = expanded.paths.filter((path) => !isUrl(path))
    const written = writeActions(expanded, stage, ownership)
    const first = local.length === 0 ? written : [action(local, true), ...written]
    const begun =
      first.length === 0 ? stage.root : changeFiles(stage.root, first, setting.context, layerOptions(setting))
    const root = expanded.paths.filter(isUrl).reduce<Edge>((edge, url) => {
      const file = download(url, checksum)
      return changeFiles(edge, [{ ...action([file.name], false) }], file.edge, layerOptions(setting))
    }, begun)
    return {
      stage: { ...stage, root },
      createdBy: describeSources('ADD', describeOwnership(ownership, given), expanded),
    }
  },
})
