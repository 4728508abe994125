import { posix } from 'node:path'
import { makeDirectory } from '../../ops/file.ts'
import { instruction, oneArgument } from '../instruction.ts'
import { expandIn, layerOptions, withConfig } from '../stage.ts'

export const workdir = instruction({
  name: 'WORKDIR',
  parse: (line) => ({ line, path: oneArgument(line) }),
  apply({ line, path }, stage, setting) {
    const typed = expandIn(stage, line, path)
    const isRelative = !posix.isAbsolute(typed)
    if (isRelative && stage.workdirGiven !== true) {
      const what = `Relative workdir ${JSON.stringify(typed)} can have unexpected results if the base image changes`
      stage.notice?.('WorkdirRelativePath', what)
    }
    // An absolute path stays as it was typed.
    const directory = isRelative ? posix.join('/', stage.config.WorkingDir ?? '', typed) : typed
    const changed = { ...withConfig(stage, { WorkingDir: directory }), workdirGiven: true }
    const root =
      posix.resolve(directory) === '/'
        ? stage.root
        : makeDirectory(stage.root, posix.resolve(directory), stage.config.User, layerOptions(setting))
    return { stage: { ...changed, root }, createdBy: `WORKDIR ${directory}` }
  },
})
