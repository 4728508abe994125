import { makeToken } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { text } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub token create'],
  usage: '[OPTIONS] NAME',
  summary: 'Make an access token, and print it this once',
  operands: exactly(1),
  flags: {
    ...hubFlags,
    'expires-in': text('', 'Its life: 12h, 30d (default: no end)'),
    limits: text('', 'What it may at most: "team/**:pull,push other:pull" (default: all that you may)'),
  },
  run: ({ flags: { server, limits, 'expires-in': expiresIn }, operands: [name = ''], session }) =>
    withHub(session, server, async (hub) => {
      const { token } = await makeToken(hub, {
        name,
        ...(limits === undefined ? {} : { limits }),
        ...(expiresIn === undefined ? {} : { expiresIn }),
      })
      printLine(session.console, token)
      return 0
    }),
})
