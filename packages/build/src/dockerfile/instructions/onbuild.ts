import { invalid } from '@slipway/core'
import { assign } from '../assignments.ts'
import { instruction } from '../instruction.ts'
import { splitInstruction } from '../split.ts'
import { withConfig } from '../stage.ts'

const forbidden: Readonly<Record<string, string>> = {
  ONBUILD: "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
  MAINTAINER: "MAINTAINER isn't allowed as an ONBUILD trigger",
  FROM: "FROM isn't allowed as an ONBUILD trigger",
}

export const onbuild = instruction({
  name: 'ONBUILD',
  parse(line) {
    const { name } = splitInstruction(line.text)
    if (name === '') throw invalid('ONBUILD requires at least one argument')
    const problem = forbidden[name]
    if (problem !== undefined) throw invalid(problem)
    const heredocs = line.heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`).join('')
    return { trigger: line.text + heredocs }
  },
  apply: ({ trigger }, stage) => ({
    stage: withConfig(stage, {
      OnBuild: assign(stage.config.OnBuild, [[`${stage.config.OnBuild?.length ?? 0}`, trigger]]),
    }),
  }),
})
