import { addProject } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { text, toggle } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub project create'],
  usage: '[OPTIONS] PROJECT',
  summary: 'Make a project, which you own then',
  operands: exactly(1),
  flags: {
    ...hubFlags,
    description: text('', 'What it is for'),
    private: toggle('', 'Only its members may pull'),
    public: toggle('', 'Everyone may pull'),
  },
  run: ({ flags, operands: [name = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      const visibility = flags.private ? ({ visibility: 'private' } as const) : {}
      await addProject(hub, {
        name,
        ...(flags.description === undefined ? {} : { description: flags.description }),
        ...(flags.public ? ({ visibility: 'public' } as const) : visibility),
      })
      printLine(session.console, name)
      return 0
    }),
})
