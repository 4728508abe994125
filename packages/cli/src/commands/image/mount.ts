import { resolve } from 'node:path'
import { listImageMounts, mountImage } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { formatRows } from '../../format/rows.ts'
import { printLine } from '../../terminal/console.ts'

const layout = {
  table: '{{.Image}}\t{{.Path}}',
  quiet: '{{.Path}}',
  type: 'mount',
  headings: { Image: 'IMAGE', Path: 'MOUNTED AT' },
}

export const command = defineCommand({
  names: ['image mount'],
  usage: '[IMAGE DIRECTORY]',
  summary:
    "Show an image's files at a directory of the engine's machine, read-only; without arguments: list what is mounted",
  operands: between(0, 2),
  flags: {},
  run: async ({ operands: [name, directory], session: { console, client } }) => {
    if (name === undefined) {
      const mounts = await listImageMounts(await client())
      const rows = mounts.map(({ path, images }) => ({ Image: images.join(','), Path: path }))
      console.stdout.write(formatRows(layout, rows, {}))
      return 0
    }
    if (directory === undefined) throw new Exit(1, 'an image is mounted at a directory: say which')
    const path = resolve(directory)
    await mountImage(await client(), name, path)
    printLine(console, path)
    return 0
  },
})
