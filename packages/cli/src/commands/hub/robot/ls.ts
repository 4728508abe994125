import type { ProjectRobot } from '@slipway/client'
import { listRobots } from '@slipway/client/hub/client'
import { agoOrNever } from '../../../format/human.ts'
import { listCommand } from '../../../hub/list.ts'

export const command = listCommand<ProjectRobot>({
  names: ['hub robot ls', 'hub robot list'],
  operand: 'PROJECT',
  summary: 'List a project’s accounts for programs',
  quiet: ['Name', 'names'],
  columns: {
    Name: ['NAME', ({ name }) => name],
    Rights: ['RIGHTS', ({ rights }) => rights],
    Description: ['DESCRIPTION', ({ description }) => description],
    ExpiresAt: ['EXPIRES AT', ({ expiresAt }) => expiresAt ?? 'never'],
    UsedSince: ['USED', ({ usedAt }) => agoOrNever(usedAt)],
  },
  list: listRobots,
})
