import { removeRule } from '@slipway/client/hub/client'
import { atLeast, defineCommand } from '../../../command.ts'
import { forEach } from '../../../each.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub rule rm', 'hub rule remove'],
  usage: '[OPTIONS] PROJECT ID [ID...]',
  summary: 'Remove one or more rules of a project',
  operands: atLeast(2),
  flags: hubFlags,
  run: ({ flags, operands: [project = '', ...names], session }) =>
    forEach(session.console, names, async (name) => {
      await withHub(session, flags.server, (hub) => removeRule(hub, project, name))
      return name
    }),
})
