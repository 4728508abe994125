import { followStatus } from '@slipway/buildkit/client'
import { withBuildKit } from '../../../build/ask.ts'
import { followBuild, readMode } from '../../../build/display/follow.ts'
import { findRecord, readRecords } from '../../../build/records.ts'
import { between, defineCommand } from '../../../command.ts'
import { text } from '../../../flags/flag.ts'

export const command = defineCommand({
  names: ['builder history logs'],
  usage: '[OPTIONS] [REF]',
  summary: 'Print the logs of a build record',
  operands: between(0, 1),
  flags: {
    progress: text('', 'Set type of progress output (plain, rawjson, tty)', { shownDefault: '"plain"' }),
  },
  run: async ({ flags: { progress = 'plain' }, operands: [name], session }) => {
    const mode = readMode(progress)
    await withBuildKit(session, async (buildkit, signal) => {
      const { ref } = findRecord(await readRecords(buildkit, signal), name)
      const { console, env } = session
      const options = { mode, output: console.stderr, colours: !env['NO_COLOR'], isUntitled: true }
      await followBuild(followStatus(buildkit, ref, signal), options)
    })
    return 0
  },
})
