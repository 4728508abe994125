import { removeTag } from '@slipway/client/hub/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { parseTagged } from '../../hub/name.ts'

export const command = defineCommand({
  names: ['hub untag'],
  usage: '[OPTIONS] REPOSITORY:TAG [REPOSITORY:TAG...]',
  summary: 'Remove one or more tags; what they named stays for a while',
  operands: atLeast(1),
  flags: hubFlags,
  run: ({ flags, operands, session }) =>
    forEach(session.console, operands, async (typed) => {
      const { server = flags.server, repository, tag } = parseTagged(typed)
      await withHub(session, server, (hub) => removeTag(hub, repository, tag))
      return typed
    }),
})
