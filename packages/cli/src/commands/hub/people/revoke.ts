import { revoke } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub people revoke'],
  usage: '[OPTIONS] ACCOUNT PATTERN',
  summary: 'Take back what an account was granted',
  operands: exactly(2),
  flags: hubFlags,
  run: ({ flags, operands: [account = '', pattern = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      await revoke(hub, account, pattern)
      return 0
    }),
})
