import { grant } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../../command.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub people grant'],
  usage: '[OPTIONS] ACCOUNT PATTERN [ACTIONS]',
  summary: 'Let an account do pull,push,delete,manage on team/app, team/** or **',
  operands: between(2, 3),
  flags: hubFlags,
  run: ({ flags, operands: [account = '', pattern = '', actions], session }) =>
    withHub(session, flags.server, async (hub) => {
      await grant(hub, account, { pattern, ...(actions === undefined ? {} : { actions }) })
      return 0
    }),
})
