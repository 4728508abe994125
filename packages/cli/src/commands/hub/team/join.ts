import { joinTeam } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub team join'],
  usage: '[OPTIONS] TEAM ACCOUNT',
  summary: 'Put an account into a team',
  operands: exactly(2),
  flags: hubFlags,
  run: ({ flags, operands: [team = '', account = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      await joinTeam(hub, team, account)
      return 0
    }),
})
