import { atLeast, defineCommand } from '../../command.ts'
import { createFromFlags } from '../../container-options/create-container.ts'
import { createFlags } from '../../container-options/create-flags.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['container create', 'create'],
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create a new container',
  operands: atLeast(1),
  interspersed: false,
  flags: {
    ...createFlags,
    pull: { ...createFlags.pull, help: 'Pull image before creating ("always", "missing", "never")' },
  },
  run: async ({ flags, operands, session }) => {
    const { id } = await createFromFlags(session, flags, operands, { failed: 1 })
    printLine(session.console, id)
    return 0
  },
})
