import { confirmSecondFactor } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub second-factor confirm'],
  usage: '[OPTIONS] CODE',
  summary: 'Turn your second factor on, and print recovery codes this once',
  details: 'All your browsers are signed out. Programs log in with access tokens from then on.',
  operands: exactly(1),
  flags: ownerFlags,
  run: ({ flags, operands: [code = ''], session }) =>
    withOwner(session, flags, async (hub) => {
      const { recoveryCodes } = await confirmSecondFactor(hub, { code })
      printLine(session.console, recoveryCodes.join('\n'))
      return 0
    }),
})
