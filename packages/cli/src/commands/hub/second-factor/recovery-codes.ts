import { renewRecoveryCodes } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub second-factor recovery-codes'],
  usage: '[OPTIONS] CODE',
  summary: 'Make new recovery codes in place of the old, and print them this once',
  details:
    'Two codes are needed, one to sign in and one for this: each is good once, and a recovery code does for either.',
  operands: exactly(1),
  flags: ownerFlags,
  run: ({ flags, operands: [code = ''], session }) =>
    withOwner(session, flags, async (hub) => {
      const { recoveryCodes } = await renewRecoveryCodes(hub, { code })
      printLine(session.console, recoveryCodes.join('\n'))
      return 0
    }),
})
