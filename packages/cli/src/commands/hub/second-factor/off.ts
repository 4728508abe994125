import { dropSecondFactor } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'

export const command = defineCommand({
  names: ['hub second-factor off'],
  usage: '[OPTIONS]',
  summary: 'Turn your second factor off',
  details: 'A code is asked for to sign in; a recovery code does as well.',
  operands: none,
  flags: ownerFlags,
  run: ({ flags, session }) =>
    withOwner(session, flags, async (hub) => {
      await dropSecondFactor(hub, {})
      return 0
    }),
})
