import { deleteRepository } from '@slipway/client/hub/client'
import { eachRepository } from '../../hub/each.ts'

export const command = eachRepository(
  { names: ['hub rm', 'hub remove'], summary: 'Put one or more repositories into the trash' },
  deleteRepository,
)
