import { makeInvitation } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../../command.ts'
import { text } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub people invite'],
  usage: '[OPTIONS] [NOTE]',
  summary: 'Make a link for one sign-up, and print it this once',
  operands: between(0, 1),
  flags: {
    ...hubFlags,
    'expires-in': text('', 'How long it is good: 12h, 30d (default: 7d)'),
    grants: text(
      '',
      'What the account gets: "team/**:pull,push other:pull" (default: a project of its own name alone)',
    ),
  },
  run: ({ flags: { server, grants, 'expires-in': expiresIn }, operands: [note], session }) =>
    withHub(session, server, async (hub) => {
      const { invitation } = await makeInvitation(hub, {
        ...(note === undefined ? {} : { note }),
        ...(grants === undefined ? {} : { grants }),
        ...(expiresIn === undefined ? {} : { expiresIn }),
      })
      printLine(session.console, new URL(`/sign-up#${invitation}`, hub.url).href)
      return 0
    }),
})
