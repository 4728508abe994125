import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { defineCommand, none } from '../../command.ts'
import { removeContext } from '../../config/contexts.ts'
import { configDirectory } from '../../config/docker-config.ts'
import { Exit, fileProblem } from '../../exit.ts'
import { makeFlag } from '../../flags/flag.ts'
import { printLine } from '../../terminal/console.ts'
import { systemctl, systemdRuns } from './systemd.ts'
import { contextName, unitDirectory, unitName } from './unit.ts'

export const command = defineCommand({
  names: ['service uninstall'],
  usage: '[OPTIONS]',
  summary: 'Stop the engine and remove its systemd unit and context; containers go on',
  operands: none,
  flags: {
    root: makeFlag<string>('', 'Remove below this directory, and stop nothing', '/', (value) => value, {
      placeholder: 'string',
      shownDefault: '"/"',
    }),
  },
  run: async ({ flags: { root }, session: { console, env, global } }) => {
    const path = join(root, unitDirectory, unitName)
    const live = root === '/' && (await systemdRuns())
    if (live) await systemctl('stop', unitName)
    try {
      await rm(join(root, unitDirectory, 'multi-user.target.wants', unitName), { force: true })
      await rm(path)
    } catch (error) {
      throw new Exit(1, fileProblem(error, path))
    }
    if (live) await systemctl('daemon-reload')
    await removeContext(configDirectory(env, global.config), contextName)
    printLine(console, `Removed ${path}`)
    if (live) printLine(console, 'Containers go on; "slipway system shutdown" before this would have stopped them')
    return 0
  },
})
