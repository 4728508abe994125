import { addRobot } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { text } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine, warnLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub robot create'],
  usage: '[OPTIONS] PROJECT NAME',
  summary: 'Make a robot of a project; its secret is printed this once',
  operands: exactly(2),
  flags: {
    ...hubFlags,
    actions: text('', 'Some of pull,push,delete (default pull)'),
    description: text('', 'What it is for'),
    'expires-in': text('', 'The life of its secret: 12h, 90d (default: no end)'),
  },
  run: ({ flags, operands: [project = '', name = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      const { actions, description, 'expires-in': expiresIn } = flags
      const made = await addRobot(hub, project, {
        name,
        ...(actions === undefined ? {} : { actions }),
        ...(description === undefined ? {} : { description }),
        ...(expiresIn === undefined ? {} : { expiresIn }),
      })
      warnLine(session.console, `It logs in as: ${made.name}`)
      printLine(session.console, made.secret)
      return 0
    }),
})
