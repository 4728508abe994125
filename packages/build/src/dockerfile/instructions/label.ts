import { assign } from '../assignments.ts'
import { noticeOlderForm } from '../check/notices.ts'
import { instruction } from '../instruction.ts'
import { expandIn, withConfig } from '../stage.ts'
import { parseKeyValues } from './key-values.ts'

export const label = instruction({
  name: 'LABEL',
  parse: (line) => ({ line, pairs: parseKeyValues(line) }),
  apply({ line, pairs }, stage) {
    const expanded = pairs.map(({ key, value }) => [expandIn(stage, line, key), expandIn(stage, line, value)] as const)
    noticeOlderForm(stage, line)
    return {
      stage: withConfig(stage, { Labels: assign(stage.config.Labels, expanded) }),
      createdBy: `LABEL ${expanded.map(([key, value]) => `${key}=${value}`).join(' ')}`,
    }
  },
})
