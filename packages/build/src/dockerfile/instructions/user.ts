import { instruction, oneArgument } from '../instruction.ts'
import { expandIn, withConfig } from '../stage.ts'

export const user = instruction({
  name: 'USER',
  parse: (line) => ({ line, name: oneArgument(line) }),
  apply({ line, name }, stage) {
    const expanded = expandIn(stage, line, name)
    return { stage: withConfig(stage, { User: expanded }), createdBy: `USER ${expanded}` }
  },
})
