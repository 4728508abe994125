import { dirname } from 'node:path'
import { defineCommand, exactly } from '../../command.ts'
import { defaultContext, readContext } from '../../config/contexts.ts'
import { hostVariable } from '../../config/current-context.ts'
import { writeDockerConfig } from '../../config/docker-config.ts'
import { printLine, warnLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['context use'],
  usage: 'CONTEXT',
  summary: 'Set the current slipway context',
  operands: exactly(1),
  flags: {},
  run: async ({ operands: [name = ''], session: { console, env, config } }) => {
    const { path, file } = await config()
    if (name !== defaultContext) await readContext(dirname(path), name)
    const { currentContext: before, ...rest } = file
    if ((before ?? defaultContext) !== name) {
      await writeDockerConfig({ path, file: name === defaultContext ? rest : { ...rest, currentContext: name } })
    }
    printLine(console, name)
    const variable = hostVariable(env)
    if (variable !== undefined && name !== defaultContext) {
      warnLine(
        console,
        `Warning: ${variable} environment variable overrides the active context. To use "${name}", either set the global --context flag, or unset ${variable} environment variable.`,
      )
    }
    warnLine(console, `Current context is now "${name}"`)
    return 0
  },
})
