import { renewRecoveryCodes } from '@slipway/client/hub/client'
import { defineCommand } from '../../../command.ts'
import { asksForCode, ownersCommand } from '../../../hub/owner.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub second-factor recovery-codes'],
  summary: 'Make new recovery codes in place of the old, and print them this once',
  details: asksForCode,
  ...ownersCommand(async (hub, { console }) => {
    const { recoveryCodes } = await renewRecoveryCodes(hub, {})
    printLine(console, recoveryCodes.join('\n'))
  }),
})
