import { rollBackTag } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../command.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { parseTagged } from '../../hub/name.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub rollback'],
  usage: '[OPTIONS] REPOSITORY:TAG [DIGEST]',
  summary: 'Point a tag at what it named before, or at a digest',
  operands: between(1, 2),
  flags: hubFlags,
  run: ({ flags, operands: [typed = '', digest], session }) => {
    const { server = flags.server, repository, tag } = parseTagged(typed)
    return withHub(session, server, async (hub) => {
      printLine(session.console, await rollBackTag(hub, repository, tag, digest))
      return 0
    })
  },
})
