import { startContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { runAttached } from '../../container-options/attached-run.ts'
import { createFromFlags } from '../../container-options/create-container.ts'
import { createFlags } from '../../container-options/create-flags.ts'
import { Exit, errorText, exitCodeOfStart } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['container run', 'run'],
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create and run a new container from an image',
  operands: atLeast(1),
  interspersed: false,
  flags: {
    ...createFlags,
    detach: toggle('d', 'Run container in background and print container ID'),
    'detach-keys': text('', 'Override the key sequence for detaching a container'),
    'sig-proxy': toggle('', 'Proxy received signals to the process', { initial: true }),
  },
  run: async ({ flags, operands, session }) => {
    const { console } = session
    if (flags.detach && flags.attach.length > 0)
      throw new Exit(1, 'conflicting options: cannot specify both --attach and --detach')
    const stdin = flags.interactive && (flags.attach.length === 0 || flags.attach.includes('stdin'))
    if (!flags.detach && flags.tty && stdin && console.stdin.isTTY !== true) {
      throw new Exit(1, 'the input device is not a TTY')
    }
    const { id } = await createFromFlags(session, flags, operands, { detach: flags.detach })
    const client = await session.client()
    if (flags.detach) {
      await startContainer(client, id).catch((error: unknown) => {
        throw new Exit(exitCodeOfStart(error), errorText(error), { cause: error })
      })
      printLine(console, id)
      return 0
    }
    const all = flags.attach.length === 0
    return await runAttached({
      client,
      console,
      id,
      terminal: flags.tty,
      streams: {
        AttachStdin: stdin,
        AttachStdout: all || flags.attach.includes('stdout'),
        AttachStderr: all || flags.attach.includes('stderr'),
      },
      autoRemove: flags.rm,
      forwardSignals: flags['sig-proxy'],
      detachKeys: flags['detach-keys'] ?? (await session.config()).file.detachKeys,
    })
  },
})
