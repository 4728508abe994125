import { editRepository, readRepository } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../command.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { parseHubName } from '../../hub/name.ts'

export const command = defineCommand({
  names: ['hub describe'],
  usage: '[OPTIONS] REPOSITORY TEXT',
  summary: 'Set the description that search shows',
  operands: exactly(2),
  flags: hubFlags,
  run: ({ flags, operands: [typed = '', description = ''], session }) => {
    const { server = flags.server, repository } = parseHubName(typed)
    return withHub(session, server, async (hub) => {
      const { edition } = await readRepository(hub, repository)
      await editRepository(hub, repository, { description, edition })
      return 0
    })
  },
})
