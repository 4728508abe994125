import { beginSecondFactor } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { ownerFlags, withOwner } from '../../../hub/owner.ts'
import { printLine, warnLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub second-factor begin'],
  usage: '[OPTIONS]',
  summary: 'Make a secret for an app that shows codes, and print it this once',
  details: 'It is worth nothing before it is confirmed.',
  operands: none,
  flags: ownerFlags,
  run: ({ flags, session }) =>
    withOwner(session, flags, async (hub, { password }) => {
      const { secret, uri } = await beginSecondFactor(hub, { password })
      printLine(session.console, `${secret}\n${uri}`)
      warnLine(session.console, 'Confirm it with a code that the app shows: slipway hub second-factor confirm CODE')
      return 0
    }),
})
