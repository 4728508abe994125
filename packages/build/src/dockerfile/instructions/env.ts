import { instruction } from '../instruction.ts'
import { expandIn, withConfig, withEnv } from '../stage.ts'
import { parseKeyValues } from './key-values.ts'

export const env = instruction({
  name: 'ENV',
  parse: (line) => ({ line, pairs: parseKeyValues(line) }),
  apply({ line, pairs }, stage) {
    // Every value sees the variables as they were before the instruction: `ENV abc=bye def=$abc` uses the old abc.
    const expanded = pairs.map(({ key, value }) => [expandIn(stage, line, key), expandIn(stage, line, value)] as const)
    const list = expanded.reduce<readonly string[] | undefined>(
      (entries, [key, value]) => withEnv(entries, key, value),
      stage.config.Env,
    )
    const environment = expanded.reduce<readonly string[]>(
      (entries, [key, value]) => withEnv(entries, key, value),
      stage.environment,
    )
    return {
      stage: { ...withConfig(stage, { Env: list ?? [] }), environment },
      createdBy: `ENV ${expanded.map(([key, value]) => `${key}=${value}`).join(' ')}`,
    }
  },
})
