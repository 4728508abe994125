import { posix } from 'node:path'
import { makeDirectory } from '../../ops/file.ts'
import { instruction, oneArgument } from '../instruction.ts'
import { expandIn, layerOptions, withConfig } from '../stage.ts'

export const workdir = instruction({
  name: 'WORKDIR',
  parse: (line) => ({ line, path: oneArgument(line) }),
  apply({ line, path }, stage, setting) {
    const absolute = posix.resolve(stage.config.WorkingDir || '/', expandIn(stage, line, path))
    const changed = withConfig(stage, { WorkingDir: absolute })
    const root =
      absolute === '/' ? stage.root : makeDirectory(stage.root, absolute, stage.config.User, layerOptions(setting))
    return { stage: { ...changed, root }, createdBy: `WORKDIR ${absolute}` }
  },
})
