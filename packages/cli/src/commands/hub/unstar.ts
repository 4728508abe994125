import { unstar } from '@slipway/client/hub/client'
import { eachRepository } from '../../hub/each.ts'

export const command = eachRepository(
  { names: ['hub unstar'], summary: 'Take your star away from one or more repositories' },
  unstar,
)
