import { readSecondFactor } from '@slipway/client/hub/client'
import { defineCommand } from '../../../command.ts'
import { ownersCommand } from '../../../hub/owner.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub second-factor status'],
  summary: 'Show whether your account has a second factor, and must have one',
  ...ownersCommand(async (hub, { console }) => {
    const { isOn, isRequired, recoveryCodes } = await readSecondFactor(hub)
    const off = isRequired ? 'off, but required' : 'off'
    printLine(console, isOn ? `on, ${recoveryCodes} recovery codes left` : off)
  }),
})
