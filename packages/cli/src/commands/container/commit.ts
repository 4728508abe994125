import { commitContainer, splitTag } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { list, text, toggle } from '../../flags/flag.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['container commit', 'commit'],
  usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  summary: "Create a new image from a container's changes",
  operands: between(1, 2),
  flags: {
    author: text('a', 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")'),
    change: list('c', 'Apply Dockerfile instruction to the created image'),
    message: text('m', 'Commit message'),
    pause: toggle('p', 'Pause container during commit', { initial: true }),
  },
  run: async ({ flags, operands: [container = '', name], session }) => {
    const { Id } = await commitContainer(await session.client(), container, {
      ...(name === undefined ? {} : splitTag(name)),
      comment: flags.message,
      author: flags.author,
      pause: flags.pause,
      changes: flags.change,
    })
    printLine(session.console, Id)
    return 0
  },
})
