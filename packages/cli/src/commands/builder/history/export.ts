import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { packTexts } from '@slipway/client'
import { withBuildKit } from '../../../build/ask.ts'
import { bundleOf } from '../../../build/bundle.ts'
import { findRecord, readRecords, statusOf } from '../../../build/records.ts'
import { atLeast, defineCommand } from '../../../command.ts'
import { Exit, fileProblem } from '../../../exit.ts'
import { text, toggle } from '../../../flags/flag.ts'

export const command = defineCommand({
  names: ['builder history export'],
  usage: '[OPTIONS] [REF...]',
  summary: 'Export build records into a bundle that Docker Desktop imports',
  operands: atLeast(0),
  flags: {
    all: toggle('', 'Export all build records'),
    output: text('o', 'Output file path'),
  },
  run: async ({ flags: { all, output }, operands, session: { console, ...rest } }) => {
    if (all && operands.length > 0) throw new Exit(1, 'ERROR: cannot specify refs when using --all')
    if (output === undefined && console.stdout.isTTY === true) {
      throw new Exit(1, 'ERROR: refusing to write to console, use --output to specify a file')
    }
    const members = await withBuildKit({ console, ...rest }, async (buildkit, signal) => {
      const ended = (await readRecords(buildkit, signal)).filter((record) => statusOf(record) !== 'Running')
      const chosen =
        operands.length === 0 ? [findRecord(ended, undefined)] : operands.map((name) => findRecord(ended, name))
      return await bundleOf(all ? ended : chosen, buildkit, signal)
    })
    const to = output === undefined || output === '-' ? console.stdout : createWriteStream(output)
    const isConsole = to === console.stdout
    await pipeline(packTexts(Object.fromEntries(members)), createGzip(), to, { end: !isConsole }).catch(
      (error: unknown) => {
        throw new Exit(1, `ERROR: ${fileProblem(error, output ?? 'stdout')}`)
      },
    )
    return 0
  },
})
