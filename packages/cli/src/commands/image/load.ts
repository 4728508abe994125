import { loadImages } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { list, text, toggle } from '../../flags/flag.ts'
import { openFile } from '../../open-file.ts'
import { showProgress } from '../../progress/show-progress.ts'

export const command = defineCommand({
  names: ['image load', 'load'],
  usage: '[OPTIONS]',
  summary: 'Load an image from a tar archive or STDIN',
  operands: none,
  flags: {
    input: text('i', 'Read from tar archive file, instead of STDIN'),
    platform: list('', 'Load only the given platform(s). Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'),
    quiet: toggle('q', 'Suppress the load output'),
  },
  run: async ({ flags, session: { console, client } }) => {
    if (flags.input === undefined && console.stdin.isTTY === true) {
      throw new Exit(1, 'requested load from stdin, but stdin is empty')
    }
    const tar = flags.input === undefined ? console.stdin : await openFile(flags.input)
    const messages = await loadImages(await client(), tar, { quiet: flags.quiet, platforms: flags.platform })
    await showProgress(messages, console.stdout)
    return 0
  },
})
