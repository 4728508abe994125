import { resetPassword } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub people reset-password'],
  usage: '[OPTIONS] ACCOUNT',
  summary: 'Give an account a password for one sign-in, and print it this once',
  operands: exactly(1),
  flags: hubFlags,
  run: ({ flags, operands: [account = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      printLine(session.console, await resetPassword(hub, account))
      return 0
    }),
})
