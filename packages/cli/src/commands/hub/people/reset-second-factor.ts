import { resetSecondFactor } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  {
    names: ['hub people reset-second-factor'],
    operand: 'ACCOUNT',
    summary: 'Take the second factor away from accounts that have lost it',
  },
  resetSecondFactor,
)
