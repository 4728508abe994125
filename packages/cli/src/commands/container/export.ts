import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { exportContainer } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { text } from '../../flags/flag.ts'

/** Before anything is asked of the engine. Throws Exit. */
const checkOutput = async (path: string): Promise<void> => {
  const fail = (why: string): never => {
    throw new Exit(1, `failed to export container: ${why}`)
  }
  const directory = dirname(path)
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  )
  if (!isThere) fail(`invalid output path: stat ${directory}: no such file or directory`)
  if ((await stat(path).catch(() => undefined))?.isDirectory()) fail('cannot write to a directory')
}

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
    if (flags.output !== undefined) await checkOutput(flags.output)
    const tar = await exportContainer(await client(), name)
    if (flags.output === undefined) await pipeline(tar, console.stdout, { end: false })
    else await pipeline(tar, createWriteStream(flags.output))
    return 0
  },
})
