import { defineCommand, none } from '../../command.ts'
import { currentContext } from '../../config/current-context.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['context show'],
  usage: '',
  summary: 'Print the name of the current context',
  operands: none,
  flags: {},
  run: async ({ session: { console, env, global, config } }) => {
    printLine(console, currentContext({ flags: global, env, file: (await config()).file }))
    return 0
  },
})
