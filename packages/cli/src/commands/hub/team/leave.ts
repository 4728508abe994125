import { leaveTeam } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub team leave'],
  usage: '[OPTIONS] TEAM ACCOUNT',
  summary: 'Take an account out of a team',
  operands: exactly(2),
  flags: hubFlags,
  run: ({ flags, operands: [team = '', account = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      await leaveTeam(hub, team, account)
      return 0
    }),
})
