import { disableAccount } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  { names: ['hub people disable'], operand: 'ACCOUNT', summary: 'Let one or more accounts do nothing any more' },
  disableAccount,
)
