import { type EngineClient, inspectContainer, startContainer } from '@slipway/client'
import { atLeast, defineCommand, type Session } from '../../command.ts'
import { runAttached } from '../../container-options/attached-run.ts'
import { forEach } from '../../each.ts'
import { Exit } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { warnLine } from '../../terminal/console.ts'

interface AttachWishes {
  readonly interactive: boolean
  readonly detachKeys: string | undefined
  readonly forwardSignals: boolean
}

const startAttached = async (
  session: Session,
  client: EngineClient,
  name: string,
  wishes: AttachWishes,
): Promise<number> => {
  const { Id: id, Config: config, HostConfig: host } = await inspectContainer(client, name)
  const terminal = config.Tty ?? false
  return await runAttached({
    client,
    console: session.console,
    id,
    terminal,
    streams: { AttachStdin: wishes.interactive && config.OpenStdin === true, AttachStdout: true, AttachStderr: true },
    autoRemove: host.AutoRemove ?? false,
    forwardSignals: wishes.forwardSignals && !terminal,
    detachKeys: wishes.detachKeys,
  })
}

export const command = defineCommand({
  names: ['container start', 'start'],
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Start one or more stopped containers',
  operands: atLeast(1),
  flags: {
    attach: toggle('a', 'Attach STDOUT/STDERR and forward signals'),
    'detach-keys': text('', 'Override the key sequence for detaching a container'),
    interactive: toggle('i', "Attach container's STDIN"),
    'sig-proxy': toggle('', 'Proxy received signals to the process', { initial: true, hidden: true }),
  },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    const [first = '', ...others] = operands
    if (flags.attach || flags.interactive) {
      if (others.length > 0) throw new Exit(1, 'you cannot start and attach multiple containers at once')
      return await startAttached(session, client, first, {
        interactive: flags.interactive,
        detachKeys: flags['detach-keys'],
        forwardSignals: flags['sig-proxy'],
      })
    }
    const failed: string[] = []
    const exitCode = await forEach(session.console, operands, async (name) => {
      await startContainer(client, name).catch((error: unknown) => {
        failed.push(name)
        throw error
      })
      return name
    })
    if (failed.length > 0) warnLine(session.console, `Error: failed to start containers: ${failed.join(', ')}`)
    return exitCode
  },
})
