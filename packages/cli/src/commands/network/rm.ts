import { hasCode, removeNetwork } from '@slipway/client'

import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'
import { toggle } from '../../flags/flag.ts'
import { warnLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['network rm', 'network remove'],
  usage: 'NETWORK [NETWORK...]',
  summary: 'Remove one or more networks',
  operands: atLeast(1),
  flags: { force: toggle('f', 'Do not error if the network does not exist') },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    const exitCode = await forEach(session.console, operands, async (name) => {
      try {
        await removeNetwork(client, name)
      } catch (error) {
        if (!flags.force || !hasCode(error, 'not-found')) throw error
        return undefined
      }
      return name
    })
    // docker's CLI says it of this command alone.
    if (exitCode !== 0) warnLine(session.console, `exit status ${exitCode}`)
    return exitCode
  },
})
