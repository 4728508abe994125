import { pushImage, splitTag } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { findCredentials, serverOfImage } from '../../config/credentials.ts'
import { Exit } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { fullName } from '../../format/image-name.ts'
import { drainProgress, showProgress } from '../../progress/show-progress.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['image push', 'push'],
  usage: '[OPTIONS] NAME[:TAG]',
  summary: 'Upload an image to a registry',
  operands: exactly(1),
  flags: {
    'all-tags': toggle('a', 'Push all tags of an image to the repository'),
    platform: text(
      '',
      `Push a platform-specific manifest as a single-platform image to the registry.
Image index won't be pushed, meaning that other manifests, including attestations won't be preserved.
'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`,
    ),
    quiet: toggle('q', 'Suppress verbose output'),
  },
  run: async ({ flags, operands: [typed = ''], session }) => {
    const { console } = session
    const allTags = flags['all-tags']
    const { tag } = splitTag(typed)
    if (allTags && tag !== undefined) throw new Exit(1, "tag can't be used with --all-tags/-a")
    if (!allTags && !flags.quiet && tag === undefined) printLine(console, 'Using default tag: latest')
    const name = tag === undefined && !allTags ? `${typed}:latest` : typed
    const auth = await findCredentials(await session.config(), serverOfImage(name))
    const messages = await pushImage(await session.client(), name, { auth: auth ?? {}, platform: flags.platform })
    if (!flags.quiet) await showProgress(messages, console.stdout)
    else {
      await drainProgress(messages)
      printLine(console, fullName(name, { latest: !allTags }))
    }
    return 0
  },
})
