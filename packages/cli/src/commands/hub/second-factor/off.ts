import { dropSecondFactor } from '@slipway/client/hub/client'
import { defineCommand } from '../../../command.ts'
import { asksForCode, ownersCommand } from '../../../hub/owner.ts'

export const command = defineCommand({
  names: ['hub second-factor off'],
  summary: 'Turn your second factor off',
  details: asksForCode,
  ...ownersCommand(async (hub) => {
    await dropSecondFactor(hub, {})
  }),
})
