import {
  attachExec,
  createExec,
  type EngineClient,
  type ExecCreateBody,
  inspectContainer,
  inspectExec,
  messageOf,
  resizeExec,
  startExec,
} from '@slipway/client'
import { atLeast, defineCommand, type Session } from '../../command.ts'
import { readEnvironment } from '../../container-options/pairs.ts'
import { Exit } from '../../exit.ts'
import { list, text, toggle } from '../../flags/flag.ts'
import { followSize, sizeOf } from '../../terminal/follow-size.ts'
import { joinStreams } from '../../terminal/join-streams.ts'

const converse = async (
  { console }: Session,
  client: EngineClient,
  id: string,
  body: ExecCreateBody,
): Promise<number> => {
  const { Tty: terminal = false, AttachStdin: stdin = false, ConsoleSize, DetachKeys } = body
  const connection = await attachExec(client, id, { Tty: terminal, ...(ConsoleSize ? { ConsoleSize } : {}) })
  using _size = terminal ? followSize(console.stdout, (size) => resizeExec(client, id, size)) : undefined
  const end = await joinStreams(console, connection, { terminal, stdin, detachKeys: DetachKeys })
  if (end === 'detached') throw new Exit(0, 'read escape sequence')
  return (await inspectExec(client, id)).ExitCode ?? 0
}

/** Here a bad file is a plain failure: docker keeps 125 for containers that can't be made. */
const environmentOf = (
  flags: { readonly env: readonly string[]; readonly 'env-file': readonly string[] },
  env: Session['env'],
): Promise<readonly string[]> =>
  readEnvironment(flags['env-file'], flags.env, env).catch((error: unknown) => {
    throw new Exit(1, messageOf(error), { cause: error })
  })

export const command = defineCommand({
  names: ['container exec', 'exec'],
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  summary: 'Execute a command in a running container',
  operands: atLeast(2),
  interspersed: false,
  flags: {
    detach: toggle('d', 'Detached mode: run command in the background'),
    'detach-keys': text('', 'Override the key sequence for detaching a container'),
    env: list('e', 'Set environment variables'),
    'env-file': list('', 'Read in a file of environment variables'),
    interactive: toggle('i', 'Keep STDIN open even if not attached'),
    privileged: toggle('', 'Give extended privileges to the command'),
    tty: toggle('t', 'Allocate a pseudo-TTY'),
    user: text('u', 'Username or UID (format: "<name|uid>[:<group|gid>]")'),
    workdir: text('w', 'Working directory inside the container'),
  },
  run: async ({ flags, operands: [name = '', ...words], session }) => {
    const { console, env } = session
    const stdin = flags.interactive && !flags.detach
    if (stdin && flags.tty && console.stdin.isTTY !== true) {
      throw new Exit(1, 'the input device is not a TTY')
    }
    const size = flags.tty ? sizeOf(console.stdout) : undefined
    const detachKeys = flags['detach-keys'] ?? (await session.config()).file.detachKeys
    const body: ExecCreateBody = {
      Cmd: words,
      Tty: flags.tty,
      Privileged: flags.privileged,
      AttachStdin: stdin,
      AttachStdout: !flags.detach,
      AttachStderr: !flags.detach,
      Env: await environmentOf(flags, env),
      ...(flags.user === undefined ? {} : { User: flags.user }),
      ...(flags.workdir === undefined ? {} : { WorkingDir: flags.workdir }),
      ...(detachKeys === undefined ? {} : { DetachKeys: detachKeys }),
      ...(size === undefined ? {} : { ConsoleSize: [size.height, size.width] }),
    }
    const client = await session.client()
    // An unknown container is told before anything else.
    await inspectContainer(client, name)
    const { Id: id } = await createExec(client, name, body)
    if (!flags.detach) return await converse(session, client, id, body)
    await startExec(client, id, { Tty: flags.tty })
    return 0
  },
})
