import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { importImage, splitTag } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { Exit, fileProblem } from '../../exit.ts'
import { list, text } from '../../flags/flag.ts'
import { showProgress } from '../../progress/show-progress.ts'

const isUrl = (source: string): boolean => /^https?:\/\//.test(source)

export const command = defineCommand({
  names: ['image import', 'import'],
  usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  summary: 'Import the contents from a tarball to create a filesystem image',
  operands: between(1, 2),
  flags: {
    change: list('c', 'Apply Dockerfile instruction to the created image'),
    message: text('m', 'Set commit message for imported image'),
    platform: text('', 'Set platform if server is multi-platform capable'),
  },
  run: async ({ flags, operands: [source = '', name], session: { console, client } }) => {
    if (source !== '-' && !isUrl(source)) {
      await access(source).catch((error: unknown) => {
        throw new Exit(1, fileProblem(error, source))
      })
    }
    const content = source === '-' ? console.stdin : isUrl(source) ? source : createReadStream(source)
    const messages = await importImage(await client(), content, {
      ...(name === undefined ? {} : splitTag(name)),
      message: flags.message,
      changes: flags.change,
      platform: flags.platform,
    })
    await showProgress(messages, console.stdout)
    return 0
  },
})
