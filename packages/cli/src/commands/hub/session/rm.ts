import { endSession } from '@slipway/client/hub/client'
import { atLeast, defineCommand } from '../../../command.ts'
import { forEach } from '../../../each.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'

export const command = defineCommand({
  names: ['hub session rm', 'hub session remove'],
  usage: '[OPTIONS] ID [ID...]',
  summary: 'Sign out of one or more browsers',
  operands: atLeast(1),
  flags: ownerFlags,
  run: ({ flags, operands, session }) =>
    withOwner(session, flags, (hub) =>
      forEach(session.console, operands, async (id) => {
        await endSession(hub, id)
        return id
      }),
    ),
})
