import { attachContainer, inspectContainer, killContainer, resizeContainer, waitContainer } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { followSize } from '../../terminal/follow-size.ts'
import { forwardSignals } from '../../terminal/forward-signals.ts'
import { joinStreams } from '../../terminal/join-streams.ts'

export const command = defineCommand({
  names: ['container attach', 'attach'],
  usage: '[OPTIONS] CONTAINER',
  summary: 'Attach local standard input, output, and error streams to a running container',
  operands: exactly(1),
  flags: {
    'detach-keys': text('', 'Override the key sequence for detaching a container'),
    'no-stdin': toggle('', 'Do not attach STDIN'),
    'sig-proxy': toggle('', 'Proxy all received signals to the process', { initial: true }),
  },
  run: async ({ flags, operands: [name = ''], session: { client: connect, console, config } }) => {
    const client = await connect()
    const { Id: id, State: state, Config } = await inspectContainer(client, name)
    if (!state.Running) throw new Exit(1, 'You cannot attach to a stopped container, start it first')
    if (state.Paused) throw new Exit(1, 'You cannot attach to a paused container, unpause it first')
    if (state.Restarting) throw new Exit(1, 'You cannot attach to a restarting container, wait until it is running')
    const terminal = Config.Tty ?? false
    const stdin = !flags['no-stdin'] && Config.OpenStdin === true
    if (terminal && stdin && console.stdin.isTTY !== true) {
      throw new Exit(1, 'the input device is not a TTY')
    }
    const detachKeys = flags['detach-keys'] ?? (await config()).file.detachKeys
    const { exit } = await waitContainer(client, id)
    const connection = await attachContainer(client, id, { stdin, detachKeys })
    using _signals =
      flags['sig-proxy'] && !terminal ? forwardSignals((signal) => killContainer(client, id, signal)) : undefined
    using _size = terminal ? followSize(console.stdout, (size) => resizeContainer(client, id, size)) : undefined
    if ((await joinStreams(console, connection, { terminal, stdin, detachKeys })) === 'detached') {
      throw new Exit(1, 'read escape sequence')
    }
    return (await exit).StatusCode
  },
})
