import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { saveImages } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { list, text } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['image save', 'save'],
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  operands: atLeast(1),
  flags: {
    output: text('o', 'Write to a file, instead of STDOUT'),
    platform: list('', 'Save only the given platform(s). Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'),
  },
  run: async ({ flags, operands, session: { console, client } }) => {
    if (flags.output === undefined && console.stdout.isTTY === true) {
      throw new Exit(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    }
    const tar = await saveImages(await client(), operands, { platforms: flags.platform })
    if (flags.output === undefined) await pipeline(tar, console.stdout, { end: false })
    else await pipeline(tar, createWriteStream(flags.output))
    return 0
  },
})
