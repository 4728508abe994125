import { removeRobot } from '@slipway/client/hub/client'
import { atLeast, defineCommand } from '../../../command.ts'
import { forEach } from '../../../each.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub robot rm', 'hub robot remove'],
  usage: '[OPTIONS] PROJECT ROBOT [ROBOT...]',
  summary: 'Remove one or more robots of a project',
  operands: atLeast(2),
  flags: hubFlags,
  run: ({ flags, operands: [project = '', ...names], session }) =>
    forEach(session.console, names, async (name) => {
      await withHub(session, flags.server, (hub) => removeRobot(hub, project, name))
      return name
    }),
})
