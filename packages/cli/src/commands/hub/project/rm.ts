import { removeProject } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  {
    names: ['hub project rm', 'hub project remove'],
    operand: 'PROJECT',
    summary: 'End one or more projects that have no repositories',
  },
  removeProject,
)
