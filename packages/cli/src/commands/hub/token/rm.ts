import { removeToken } from '@slipway/client/hub/client'
import { eachNamed } from '../../../hub/each.ts'

export const command = eachNamed(
  { names: ['hub token rm', 'hub token remove'], operand: 'ID', summary: 'End one or more access tokens' },
  removeToken,
)
