import { removeTeam } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  {
    names: ['hub team rm', 'hub team remove'],
    operand: 'TEAM',
    summary: 'Remove one or more teams, from all projects too',
  },
  removeTeam,
)
