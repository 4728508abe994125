import { redeliver } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub webhook redeliver'],
  usage: '[OPTIONS] ID DELIVERY',
  summary: 'Tell a webhook something once more, at once',
  operands: exactly(2),
  flags: hubFlags,
  run: ({ flags, operands: [id = '', delivery = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      await redeliver(hub, id, delivery)
      return 0
    }),
})
