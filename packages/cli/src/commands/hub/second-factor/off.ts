import { dropSecondFactor } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'

export const command = defineCommand({
  names: ['hub second-factor off'],
  usage: '[OPTIONS] CODE',
  summary: 'Turn your second factor off',
  details:
    'Two codes are needed, one to sign in and one for this: each is good once, and a recovery code does for either.',
  operands: exactly(1),
  flags: ownerFlags,
  run: ({ flags, operands: [code = ''], session }) =>
    withOwner(session, flags, async (hub) => {
      await dropSecondFactor(hub, { code })
      return 0
    }),
})
