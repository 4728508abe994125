import { undelete } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../command.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { parseHubName } from '../../hub/name.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub undelete'],
  usage: '[OPTIONS] REPOSITORY [DIGEST]',
  summary: 'Take a repository, or one of its manifests, out of the trash',
  operands: between(1, 2),
  flags: hubFlags,
  run: ({ flags, operands: [typed = '', given], session }) => {
    const { server = flags.server, repository, digest } = parseHubName(typed)
    return withHub(session, server, async (hub) => {
      for (const back of await undelete(hub, repository, given ?? digest)) printLine(session.console, back)
      return 0
    })
  },
})
