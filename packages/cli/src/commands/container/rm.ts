import { hasCode, removeContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'
import { Exit, errorText } from '../../exit.ts'
import { toggle } from '../../flags/flag.ts'
import { warnLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['container rm', 'container remove', 'rm'],
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Remove one or more containers',
  operands: atLeast(1),
  flags: {
    force: toggle('f', 'Force the removal of a running container (uses SIGKILL)'),
    link: toggle('l', 'Remove the specified link'),
    volumes: toggle('v', 'Remove anonymous volumes associated with the container'),
  },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (name) => {
      const trimmed = name.replace(/^\//, '')
      if (trimmed === '') throw new Exit(1, 'container name cannot be empty')
      try {
        await removeContainer(client, trimmed, { force: flags.force, volumes: flags.volumes, link: flags.link })
      } catch (error) {
        if (!flags.force || !hasCode(error, 'not-found')) throw error
        // With --force the aim is reached: it is said, and is no failure.
        warnLine(session.console, errorText(error))
        return undefined
      }
      return name
    })
  },
})
