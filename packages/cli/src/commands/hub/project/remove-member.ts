import { removeMember } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { toggle } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub project remove-member'],
  usage: '[OPTIONS] PROJECT NAME',
  summary: 'Take an account or a team out of a project',
  operands: exactly(2),
  flags: { ...hubFlags, team: toggle('', 'NAME is a team') },
  run: ({ flags, operands: [project = '', name = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      await removeMember(hub, project, { kind: flags.team ? 'team' : 'account', name })
      return 0
    }),
})
