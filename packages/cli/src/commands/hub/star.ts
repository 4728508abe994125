import { star } from '@slipway/client/hub/client'
import { eachRepository } from '../../hub/each.ts'

export const command = eachRepository({ names: ['hub star'], summary: 'Star one or more repositories' }, star)
