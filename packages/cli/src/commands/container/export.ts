import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { exportContainer } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { text } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['container export', 'export'],
  usage: '[OPTIONS] CONTAINER',
  summary: "Export a container's filesystem as a tar archive",
  operands: exactly(1),
  flags: { output: text('o', 'Write to a file, instead of STDOUT') },
  run: async ({ flags, operands: [name = ''], session: { console, client } }) => {
    if (flags.output === undefined && console.stdout.isTTY === true) {
      throw new Exit(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
    }
    const tar = await exportContainer(await client(), name)
    if (flags.output === undefined) await pipeline(tar, console.stdout, { end: false })
    else await pipeline(tar, createWriteStream(flags.output))
    return 0
  },
})
