import { invalid } from '@slipway/core'
import { assign } from '../assignments.ts'
import { noticeSecret } from '../check/notices.ts'
import { instruction } from '../instruction.ts'
import type { Line } from '../parser.ts'
import { type Argument, expandIn, neverSet, withEnv } from '../stage.ts'
import { splitWords } from '../words.ts'

/** `ARG a b=1 c="x y"`: names, and values as they were written. Throws invalid. */
export const parseArguments = (line: Line): readonly Argument[] => {
  const words = splitWords(line.text, line.escapeChar)
  if (words.length === 0) throw invalid('ARG requires at least one argument')
  return words.map((word) => {
    const equals = word.indexOf('=')
    if (equals === 0) throw invalid('ARG names can not be blank')
    return equals === -1 ? { name: word } : { name: word.slice(0, equals), value: word.slice(equals + 1) }
  })
}

export const describeArgument = ({ name, value }: Argument): string => (value === undefined ? name : `${name}=${value}`)

export const arg = instruction({
  name: 'ARG',
  ignoresFlags: true,
  parse: (line) => ({ line, names: parseArguments(line) }),
  apply({ line, names }, stage, setting) {
    // Each sees those before it, also in one line.
    let { environment } = stage
    const args = names.map(({ name, value: text }): Argument => {
      noticeSecret(stage, 'ARG', name)
      const fallback = (): string | undefined =>
        text === undefined ? setting.globalArgs.get(name) : expandIn({ ...stage, environment }, line, text)
      const value = setting.buildArgs[name] ?? fallback()
      if (value !== undefined && !neverSet.has(name)) environment = withEnv(environment, [[name, value]])
      return value === undefined ? { name } : { name, value }
    })
    const declared = args.map(({ name, value }) => [name, value] as const)
    return {
      stage: { ...stage, environment, args: assign(stage.args, declared) },
      createdBy: `ARG ${args.map(describeArgument).join(' ')}`,
    }
  },
})
