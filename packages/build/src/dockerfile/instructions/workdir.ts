import { posix } from 'node:path'
import { makeDirectory } from '../../ops/file.ts'
import { instruction, oneArgument } from '../instruction.ts'
import { expandIn, layerOptions, withConfig } from '../stage.ts'

export const workdir = instruction({
  name: 'WORKDIR',
  parse: (line) => ({ line, path: oneArgument(line) }),
  apply({ line, path }, stage, setting) {
    const typed = expandIn(stage, line, path)
    // An absolute path stays as it was typed.
    const directory = posix.isAbsolute(typed) ? typed : posix.join('/', stage.config.WorkingDir ?? '', typed)
    const changed = withConfig(stage, { WorkingDir: directory })
    const root =
      posix.resolve(directory) === '/'
        ? stage.root
        : makeDirectory(stage.root, posix.resolve(directory), stage.config.User, layerOptions(setting))
    return { stage: { ...changed, root }, createdBy: `WORKDIR ${directory}` }
  },
})
