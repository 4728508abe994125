import { invalid } from '@slipway/core'
import type { CopyAction } from '../../ops/file.ts'
import { noticeIgnored } from '../check/notices.ts'
import { isGit, isUrl } from '../git-url.ts'
import { instruction } from '../instruction.ts'
import { fromLine } from '../problem.ts'
import { layerOptions } from '../stage.ts'
import { describeSources, expandSources, parseSources, writeActions } from './file-sources.ts'
import { describeOwnership, expandOwnership, fileFlags, fileWriter } from './ownership.ts'

/** Only ADD fetches. */
const refuseRemote = (paths: readonly string[]): void => {
  if (paths.some(isGit)) throw invalid("source can't be a git ref for COPY")
  if (paths.some(isUrl)) throw invalid("source can't be a URL for COPY")
}

export const copy = instruction({
  name: 'COPY',
  flags: { ...fileFlags, from: 'string', parents: 'boolean' },
  parse(line) {
    const sources = parseSources(line)
    const from = line.given.text('from')
    fromLine(line, () => {
      if (!from?.includes('$')) return
      throw invalid(
        'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
      )
    })
    return { line, given: line.given, sources, from: from || undefined }
  },
  sources: ({ from }) => (from === undefined ? [] : [{ name: from }]),
  apply({ line, given, sources, from }, stage, setting) {
    const ownership = expandOwnership(given, line, stage, setting)
    const expanded = expandSources(sources, line, stage)
    refuseRemote(expanded.paths)
    if (from === undefined) noticeIgnored(stage, line, { paths: expanded.paths, ignore: setting.ignore })
    const copied: CopyAction = {
      kind: 'copy',
      paths: expanded.paths,
      destination: expanded.destination,
      // What comes from another image keeps its owners; what comes from the context belongs to root.
      keepOwner: from !== undefined,
      unpack: false,
      parents: given.isSet('parents'),
      exclude: given.all('exclude'),
      fromContext: from === undefined,
      ...ownership,
    }
    const root = fileWriter(given, ownership)(
      stage.root,
      [...(expanded.paths.length === 0 ? [] : [copied]), ...writeActions(expanded, stage, ownership)],
      from === undefined ? setting.context : setting.sourceOf(from),
      layerOptions(setting),
    )
    return {
      stage: { ...stage, root },
      createdBy: describeSources('COPY', describeOwnership(ownership, given), expanded),
    }
  },
})
