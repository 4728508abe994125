import { addTeam } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { text } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub team create'],
  usage: '[OPTIONS] TEAM',
  summary: 'Make a team of accounts, which can be a member of projects',
  operands: exactly(1),
  flags: { ...hubFlags, description: text('', 'What it is') },
  run: ({ flags: { server, description }, operands: [name = ''], session }) =>
    withHub(session, server, async (hub) => {
      await addTeam(hub, { name, ...(description === undefined ? {} : { description }) })
      printLine(session.console, name)
      return 0
    }),
})
