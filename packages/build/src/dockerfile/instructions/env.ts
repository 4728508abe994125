import { noticeOlderForm, noticeSecret } from '../check/notices.ts'
import { instruction } from '../instruction.ts'
import { expandIn, withConfig, withEnv } from '../stage.ts'
import { parseKeyValues } from './key-values.ts'

export const env = instruction({
  name: 'ENV',
  parse: (line) => ({ line, pairs: parseKeyValues(line) }),
  apply({ line, pairs }, stage) {
    // Every value sees the variables as they were before the instruction: `ENV abc=bye def=$abc` uses the old abc.
    const expanded = pairs.map(({ key, value }) => [expandIn(stage, line, key), expandIn(stage, line, value)] as const)
    noticeOlderForm(stage, line)
    for (const [name] of expanded) noticeSecret(stage, 'ENV', name)
    return {
      stage: {
        ...withConfig(stage, { Env: withEnv(stage.config.Env, expanded) }),
        environment: withEnv(stage.environment, expanded),
      },
      createdBy: `ENV ${expanded.map(([key, value]) => `${key}=${value}`).join(' ')}`,
    }
  },
})
