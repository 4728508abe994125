import { renewRecoveryCodes } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub second-factor recovery-codes'],
  usage: '[OPTIONS]',
  summary: 'Make new recovery codes in place of the old, and print them this once',
  details: 'A code is asked for to sign in; a recovery code does as well.',
  operands: none,
  flags: ownerFlags,
  run: ({ flags, session }) =>
    withOwner(session, flags, async (hub) => {
      const { recoveryCodes } = await renewRecoveryCodes(hub, {})
      printLine(session.console, recoveryCodes.join('\n'))
      return 0
    }),
})
