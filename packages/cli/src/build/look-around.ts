import { createContainer, removeContainer, removeImage } from '@slipway/client'
import type { Session } from '../command.ts'
import { runAttached } from '../container-options/attached-run.ts'
import { warnLine } from '../terminal/console.ts'

/**
 * A shell in what a failed step left behind, until its user leaves it: with a terminal where there is one, otherwise fed from
 * standard input. Container and image go with it.
 */
export const lookAround = async (session: Session, image: string): Promise<void> => {
  const { console } = session
  const client = await session.client()
  const terminal = console.stdin.isTTY === true && console.stdout.isTTY === true
  const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true }
  warnLine(
    console,
    `A shell where the step failed (${image.slice('sha256:'.length, 'sha256:'.length + 12)}); leave it with "exit".`,
  )
  const body = { Image: image, Tty: terminal, OpenStdin: true, StdinOnce: true, ...streams }
  const { Id: id } = await createContainer(client, body)
  try {
    await runAttached({ client, console, id, terminal, streams, autoRemove: false, forwardSignals: !terminal })
  } finally {
    await removeContainer(client, id, { force: true })
    await removeImage(client, image, { force: true }).catch(() => undefined)
  }
}
