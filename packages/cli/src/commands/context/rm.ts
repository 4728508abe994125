import { dirname } from 'node:path'
import { atLeast, defineCommand } from '../../command.ts'
import { defaultContext, readContext, removeContext } from '../../config/contexts.ts'
import { currentContext } from '../../config/current-context.ts'
import { writeDockerConfig } from '../../config/docker-config.ts'
import { forEach } from '../../each.ts'
import { toggle } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['context rm', 'context remove'],
  usage: 'CONTEXT [CONTEXT...]',
  summary: 'Remove one or more contexts',
  operands: atLeast(1),
  flags: { force: toggle('f', 'Force the removal of a context in use') },
  run: async ({ flags: { force }, operands, session: { console, env, global, config } }) => {
    const { path, file } = await config()
    const directory = dirname(path)
    const current = currentContext({ flags: global, env, file })
    return await forEach(console, operands, async (name) => {
      if (name === defaultContext) throw new Error('context "default" cannot be removed')
      if (name === current && !force) throw new Error(`context "${name}" is in use, set -f flag to force remove`)
      if (!force) await readContext(directory, name)
      const { currentContext: active, ...rest } = file
      if (active === name) await writeDockerConfig({ path, file: rest })
      await removeContext(directory, name)
      return name
    })
  },
})
