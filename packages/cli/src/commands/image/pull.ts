import { pullImage, splitTag } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { findCredentials, serverOfImage } from '../../config/credentials.ts'
import { Exit } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { checkReference, fullName } from '../../format/image-name.ts'
import { drainProgress, showProgress } from '../../progress/show-progress.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['image pull', 'pull'],
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  summary: 'Download an image from a registry',
  operands: exactly(1),
  flags: {
    'all-tags': toggle('a', 'Download all tagged images in the repository'),
    platform: text('', 'Set platform if server is multi-platform capable'),
    quiet: toggle('q', 'Suppress verbose output'),
  },
  run: async ({ flags, operands: [name = ''], session }) => {
    const { console } = session
    const allTags = flags['all-tags']
    checkReference(name)
    const { tag } = splitTag(name)
    if (allTags && tag !== undefined) throw new Exit(1, "tag can't be used with --all-tags/-a")
    if (!allTags && !flags.quiet && tag === undefined) printLine(console, 'Using default tag: latest')
    const auth = await findCredentials(await session.config(), serverOfImage(name))
    const messages = await pullImage(await session.client(), name, { auth, platform: flags.platform, allTags })
    if (flags.quiet) await drainProgress(messages)
    else await showProgress(messages, console.stdout)
    printLine(console, fullName(name, { latest: !allTags }))
    return 0
  },
})
