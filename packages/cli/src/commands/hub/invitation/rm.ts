import { removeInvitation } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  {
    names: ['hub invitation rm', 'hub invitation remove'],
    operand: 'ID',
    summary: 'Take back one or more invitations',
  },
  removeInvitation,
)
