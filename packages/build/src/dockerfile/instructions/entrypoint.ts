import type { RunConfig } from '@slipway/core'
import { commandForm, instruction, quoteList } from '../instruction.ts'
import { inShell, withConfig } from '../stage.ts'

/** A new entrypoint makes an inherited CMD meaningless: it goes, unless this stage gave one of its own. */
const withoutInheritedCommand = ({ Cmd: _, ...config }: RunConfig): RunConfig => config

export const entrypoint = instruction({
  name: 'ENTRYPOINT',
  parse: (line) => commandForm(line.text),
  apply(command, stage) {
    const words = command.form === 'exec' ? command.words : inShell(stage, command.text)
    const config = stage.commandGiven ? stage.config : withoutInheritedCommand(stage.config)
    return {
      stage: withConfig({ ...stage, config }, { Entrypoint: words }),
      createdBy: `ENTRYPOINT ${quoteList(words)}`,
    }
  },
})
