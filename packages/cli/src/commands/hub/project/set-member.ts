import type { ProjectRole } from '@slipway/client'
import { setMember } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { Exit } from '../../../exit.ts'
import { toggle } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

const roles: readonly ProjectRole[] = ['guest', 'developer', 'maintainer', 'owner']

export const command = defineCommand({
  names: ['hub project set-member'],
  usage: '[OPTIONS] PROJECT NAME ROLE',
  summary: 'Make an account a member, or give it another role: guest, developer, maintainer, owner',
  operands: exactly(3),
  flags: { ...hubFlags, team: toggle('', 'NAME is a team') },
  run: ({ flags, operands: [project = '', name = '', typed = ''], session }) => {
    const role = roles.find((one) => one === typed)
    if (role === undefined) throw new Exit(1, `a role is one of ${roles.join(', ')}`)
    return withHub(session, flags.server, async (hub) => {
      await setMember(hub, project, { kind: flags.team ? 'team' : 'account', name }, role)
      return 0
    })
  },
})
