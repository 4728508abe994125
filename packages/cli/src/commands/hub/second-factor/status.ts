import { readSecondFactor } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub second-factor status'],
  usage: '[OPTIONS]',
  summary: 'Show whether your account has a second factor, and must have one',
  operands: none,
  flags: ownerFlags,
  run: ({ flags, session }) =>
    withOwner(session, flags, async (hub) => {
      const { isOn, isRequired, recoveryCodes } = await readSecondFactor(hub)
      const off = isRequired ? 'off, but required' : 'off'
      printLine(session.console, isOn ? `on, ${recoveryCodes} recovery codes left` : off)
      return 0
    }),
})
