import { invalid } from '@slipway/core'
import type { CopyAction } from '../../ops/file.ts'
import { instruction } from '../instruction.ts'
import { layerOptions } from '../stage.ts'
import { describeSources, expandSources, parseSources, writeActions } from './file-sources.ts'
import { describeOwnership, expandOwnership, fileFlags, fileWriter } from './ownership.ts'

export const copy = instruction({
  name: 'COPY',
  flags: { ...fileFlags, from: 'string', parents: 'boolean' },
  parse(line) {
    const from = line.given.text('from')
    if (from?.includes('$')) {
      throw invalid(
        'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
      )
    }
    return { line, given: line.given, sources: parseSources(line), from: from || undefined }
  },
  sources: ({ from }) => (from === undefined ? [] : [from]),
  apply({ line, given, sources, from }, stage, setting) {
    const ownership = expandOwnership(given, line, stage)
    const expanded = expandSources(sources, line, stage)
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
    const root = fileWriter(given)(
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
