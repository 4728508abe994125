import { removeWebhook } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  { names: ['hub webhook rm', 'hub webhook remove'], operand: 'ID', summary: 'Remove one or more webhooks' },
  removeWebhook,
)
