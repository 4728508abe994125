import { whoIsThere } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../command.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub whoami'],
  usage: '[OPTIONS]',
  summary: 'Show as whom you are logged in',
  operands: none,
  flags: hubFlags,
  run: ({ flags, session }) =>
    withHub(session, flags.server, async (hub) => {
      const { account, manages } = await whoIsThere(hub)
      printLine(session.console, account === null ? 'nobody' : `${account}${manages ? ' (manages the registry)' : ''}`)
      return 0
    }),
})
