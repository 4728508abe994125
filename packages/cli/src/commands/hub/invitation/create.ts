import { makeInvitation } from '@slipway/client/hub/client'
import { defineCommand, none } from '../../../command.ts'
import { text } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub invitation create'],
  usage: '[OPTIONS]',
  summary: 'Make a link for one sign-up, and print it this once',
  operands: none,
  flags: {
    ...hubFlags,
    'expires-in': text('', 'How long it is good: 12h, 30d (default: 7d)'),
    grants: text(
      '',
      'What the account gets: "team/**:pull,push other:pull" (default: a project of its own name alone)',
    ),
    note: text('', 'For whom it is'),
  },
  run: ({ flags: { server, grants, note, 'expires-in': expiresIn }, session }) =>
    withHub(session, server, async (hub) => {
      const { invitation } = await makeInvitation(hub, {
        ...(grants === undefined ? {} : { grants }),
        ...(note === undefined ? {} : { note }),
        ...(expiresIn === undefined ? {} : { expiresIn }),
      })
      printLine(session.console, new URL(`/sign-up#${invitation}`, hub.url).href)
      return 0
    }),
})
