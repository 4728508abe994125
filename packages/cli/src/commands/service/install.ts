import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { atLeast, defineCommand } from '../../command.ts'
import { writeContext } from '../../config/contexts.ts'
import { defaultHost } from '../../config/current-context.ts'
import { configDirectory } from '../../config/docker-config.ts'
import { Exit, fileProblem } from '../../exit.ts'
import { makeFlag, text } from '../../flags/flag.ts'
import { printLine } from '../../terminal/console.ts'
import { systemctl, systemdRuns } from './systemd.ts'
import { contextName, unitDirectory, unitName, unitText } from './unit.ts'

const checkGroup = async (root: string, group: string): Promise<void> => {
  const path = join(root, '/etc/group')
  const groups = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Exit(1, fileProblem(error, path))
  })
  if (groups.split('\n').some((line) => line.startsWith(`${group}:`)) || /^\d+$/.test(group)) return
  throw new Exit(1, `group ${group} not found: make it with "groupadd --system ${group}"`)
}

/** Writes the unit and enables it, as `systemctl enable` does, also where no systemd runs. Gives back its path. */
const writeUnit = async (root: string, unit: string): Promise<string> => {
  const path = join(root, unitDirectory, unitName)
  const wanted = join(dirname(path), 'multi-user.target.wants')
  try {
    await mkdir(wanted, { recursive: true })
    await writeFile(`${path}.new`, unit, { flush: true, mode: 0o644 })
    await rename(`${path}.new`, path)
    await rm(join(wanted, unitName), { force: true })
    await symlink(join('..', unitName), join(wanted, unitName))
  } catch (error) {
    throw new Exit(1, fileProblem(error, path))
  }
  return path
}

export const command = defineCommand({
  names: ['service install'],
  usage: '[OPTIONS] [-- ENGINE_FLAGS...]',
  summary: 'Write a systemd unit for the engine and a context for the docker CLI, and start it',
  operands: atLeast(0),
  flags: {
    group: text('', 'Group whose members may use the socket (default: root alone)'),
    host: makeFlag<string>('', 'Socket to listen on', defaultHost, (value) => value, {
      placeholder: 'string',
      shownDefault: `"${defaultHost}"`,
    }),
    root: makeFlag<string>('', 'Write below this directory, and start nothing', '/', (value) => value, {
      placeholder: 'string',
      shownDefault: '"/"',
    }),
  },
  run: async ({ flags: { group, host, root }, operands, session: { console, env, global } }) => {
    if (group !== undefined) await checkGroup(root, group)
    // The shell script beside what Node was started with.
    const program = join(dirname(process.argv[1] ?? ''), 'slipway')
    const path = await writeUnit(root, unitText({ program, host, group, flags: operands }))
    printLine(console, `Wrote ${path}`)
    const directory = configDirectory(env, global.config)
    const Metadata = { Description: 'Slipway engine' }
    const docker = { Host: host, SkipTLSVerify: false }
    await writeContext(directory, { Name: contextName, Metadata, Endpoints: { docker } })
    printLine(console, `Wrote context "${contextName}" to ${directory}: docker --context ${contextName} ps`)
    if (root !== '/' || !(await systemdRuns())) {
      printLine(console, 'systemd does not run here: nothing was started')
      return 0
    }
    await systemctl('daemon-reload')
    await systemctl('restart', unitName)
    printLine(console, `Started ${unitName}`)
    return 0
  },
})
