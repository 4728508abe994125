import { removeAccount } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  { names: ['hub people rm', 'hub people remove'], operand: 'ACCOUNT', summary: 'Remove one or more accounts' },
  removeAccount,
)
