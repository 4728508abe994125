import { noticeGiven, noticeShellForm } from '../check/notices.ts'
import { commandForm, instruction } from '../instruction.ts'
import { quoteList } from '../quote.ts'
import { inShell, withConfig } from '../stage.ts'

export const cmd = instruction({
  name: 'CMD',
  parse: (line) => ({ line, command: commandForm(line.text) }),
  apply({ line, command }, before) {
    const stage = noticeGiven(before, line)
    if (command.form === 'shell') noticeShellForm(stage, line)
    const words = command.form === 'exec' ? command.words : inShell(stage, command.text)
    return {
      stage: withConfig(stage, { Cmd: words, ArgsEscaped: true }),
      createdBy: `CMD ${quoteList(words)}`,
    }
  },
})
