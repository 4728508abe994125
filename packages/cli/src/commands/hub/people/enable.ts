import { enableAccount } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  { names: ['hub people enable'], operand: 'ACCOUNT', summary: 'Let one or more accounts do again what they might' },
  enableAccount,
)
