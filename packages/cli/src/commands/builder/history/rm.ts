import { updateHistory } from '@slipway/buildkit/client'
import { withBuildKit } from '../../../build/ask.ts'
import { findRecord, readRecords } from '../../../build/records.ts'
import { atLeast, defineCommand } from '../../../command.ts'
import { Exit } from '../../../exit.ts'
import { toggle } from '../../../flags/flag.ts'

export const command = defineCommand({
  names: ['builder history rm'],
  usage: '[OPTIONS] [REF...]',
  summary: 'Remove build records',
  operands: atLeast(0),
  flags: { all: toggle('', 'Remove all build records') },
  run: async ({ flags: { all }, operands, session }) => {
    if (all && operands.length > 0) throw new Exit(1, 'ERROR: rm requires either --all or at least one argument')
    if (!all && operands.length === 0) throw new Exit(1, 'ERROR: rm requires at least one argument')
    await withBuildKit(session, async (buildkit, signal) => {
      const records = await readRecords(buildkit, signal)
      const chosen = all ? records : operands.map((name) => findRecord(records, name))
      for (const { ref } of chosen) await updateHistory(buildkit, { ref, delete: true }, signal)
    })
    return 0
  },
})
