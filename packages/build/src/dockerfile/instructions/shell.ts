import { invalid } from '@slipway/core'
import { instruction } from '../instruction.ts'
import { parseJsonForm } from '../json-form.ts'
import { withConfig } from '../stage.ts'

export const shell = instruction({
  name: 'SHELL',
  parse(line) {
    const words = parseJsonForm(line.text)
    if (line.text === '') throw invalid('SHELL requires at least one argument')
    if (words === undefined) throw invalid('SHELL requires the arguments to be in JSON form')
    if (words.length === 0) throw invalid('SHELL requires at least one argument')
    return { words }
  },
  apply: ({ words }, stage) => ({
    stage: withConfig(stage, { Shell: words }),
    createdBy: `SHELL [${words.join(' ')}]`,
  }),
})
