import { addWebhook } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../../command.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine, warnLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub webhook create'],
  usage: '[OPTIONS] URL [PATTERN]',
  summary: 'Tell an address of pushes and deletes; its secret is printed this once',
  operands: between(1, 2),
  flags: hubFlags,
  run: ({ flags, operands: [url = '', pattern], session }) =>
    withHub(session, flags.server, async (hub) => {
      const { id, secret } = await addWebhook(hub, { url, ...(pattern === undefined ? {} : { pattern }) })
      printLine(session.console, id)
      warnLine(session.console, `Its secret, which signs what it is told: ${secret}`)
      return 0
    }),
})
