import { noticeGiven, noticeShellForm } from '../check/notices.ts'
import type { StageConfig } from '../config.ts'
import { commandForm, instruction } from '../instruction.ts'
import { quoteList } from '../quote.ts'
import { inShell, withConfig } from '../stage.ts'

/** A new entrypoint makes an inherited CMD meaningless: it goes, unless this stage gave one of its own. */
const withoutInheritedCommand = ({ Cmd: _, ...config }: StageConfig): StageConfig => config

export const entrypoint = instruction({
  name: 'ENTRYPOINT',
  parse: (line) => ({ line, command: commandForm(line.text) }),
  apply({ line, command }, before) {
    const stage = noticeGiven(before, line)
    if (command.form === 'shell') noticeShellForm(stage, line)
    const words = command.form === 'exec' ? command.words : inShell(stage, command.text)
    const config = stage.given['CMD'] !== undefined ? stage.config : withoutInheritedCommand(stage.config)
    return {
      stage: withConfig({ ...stage, config }, { Entrypoint: words }),
      createdBy: `ENTRYPOINT ${quoteList(words)}`,
    }
  },
})
