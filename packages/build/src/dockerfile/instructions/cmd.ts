import { commandForm, instruction, quoteList } from '../instruction.ts'
import { inShell, withConfig } from '../stage.ts'

export const cmd = instruction({
  name: 'CMD',
  parse: (line) => commandForm(line.text),
  apply(command, stage) {
    const words = command.form === 'exec' ? command.words : inShell(stage, command.text)
    return {
      stage: { ...withConfig(stage, { Cmd: words, ArgsEscaped: true }), commandGiven: true },
      createdBy: `CMD ${quoteList(words)}`,
    }
  },
})
