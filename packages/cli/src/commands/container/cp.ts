import { defineCommand, exactly, type Session } from '../../command.ts'
import { copyIn } from '../../copy/copy-in.ts'
import { parseCopyOperand } from '../../copy/copy-operand.ts'
import { copyOut } from '../../copy/copy-out.ts'
import { Exit } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { humanSize } from '../../format/human.ts'
import { warnLine } from '../../terminal/console.ts'

const copy = async (
  session: Session,
  words: readonly [from: string, to: string],
  flags: { readonly archive: boolean; readonly followLink: boolean; readonly user: string | undefined },
) => {
  const [from, to] = words.map(parseCopyOperand)
  if (!from?.path) throw new Exit(1, 'source can not be empty')
  if (!to?.path) throw new Exit(1, 'destination can not be empty')
  if (from.container && to.container) throw new Exit(1, 'copying between containers is not supported')
  if (from.container && flags.user !== undefined) throw new Exit(1, '--user is for copies into a container')
  if (from.container) {
    const { container, path } = from
    return await copyOut(session, await session.client(), { container, path, to: to.path, ...flags })
  }
  if (to.container) {
    const { container, path } = to
    return await copyIn(session, await session.client(), { from: from.path, container, path, ...flags })
  }
  throw new Exit(1, 'must specify at least one container source')
}

export const command = defineCommand({
  names: ['container cp', 'cp'],
  usage: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tslipway cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  summary: 'Copy files/folders between a container and the local filesystem',
  details: `Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
  operands: exactly(2),
  flags: {
    archive: toggle('a', 'Archive mode (copy all uid/gid information)'),
    'follow-link': toggle('L', 'Always follow symbol link in SRC_PATH'),
    quiet: toggle(
      'q',
      'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
    ),
    user: text('u', 'Give what is copied into the container to this user: NAME|UID[:GROUP|GID]'),
  },
  run: async ({ flags, operands: [from = '', to = ''], session }) => {
    const { archive, user, 'follow-link': followLink } = flags
    const done = await copy(session, [from, to], { archive, followLink, user })
    if (done !== undefined && !flags.quiet && session.console.stdout.isTTY === true) {
      warnLine(session.console, `Successfully copied ${humanSize(done.bytes, 3)} to ${done.to}`)
    }
    return 0
  },
})
