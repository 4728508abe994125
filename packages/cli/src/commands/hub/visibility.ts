import { readRepository, setVisibility } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { parseHubName } from '../../hub/name.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub visibility'],
  usage: '[OPTIONS] REPOSITORY [public|private]',
  summary: 'Show or set who may pull: everyone, or who was granted it',
  operands: between(1, 2),
  flags: hubFlags,
  run: ({ flags, operands: [typed = '', wanted], session }) => {
    const { server = flags.server, repository } = parseHubName(typed)
    return withHub(session, server, async (hub) => {
      if (wanted === undefined) {
        printLine(session.console, (await readRepository(hub, repository)).visibility)
        return 0
      }
      if (wanted !== 'public' && wanted !== 'private') throw new Exit(1, 'visibility is public or private')
      await setVisibility(hub, repository, wanted)
      return 0
    })
  },
})
