import { invalid } from '@slipway/core'
import { assign } from '../assignments.ts'
import { instruction, listArgument } from '../instruction.ts'
import { expandIn, withConfig } from '../stage.ts'
import { trimSpace } from '../words.ts'

export const volume = instruction({
  name: 'VOLUME',
  parse(line) {
    const paths = listArgument(line).map(trimSpace)
    if (paths.length === 0) throw invalid('VOLUME requires at least one argument')
    if (paths.includes('')) throw invalid('VOLUME specified can not be an empty string')
    return { line, paths }
  },
  apply({ line, paths }, stage) {
    const expanded = paths.map((path) => expandIn(stage, line, path))
    if (expanded.includes('')) throw invalid('VOLUME specified can not be an empty string')
    const added = expanded.map((path) => [path, {}] as const)
    return {
      stage: withConfig(stage, { Volumes: assign(stage.config.Volumes, added) }),
      createdBy: `VOLUME [${expanded.join(' ')}]`,
    }
  },
})
