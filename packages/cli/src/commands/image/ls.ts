import { listImages } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { filters, text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { formatRows } from '../../format/rows.ts'
import { imageLayout, imageRows } from './image-row.ts'

export const command = defineCommand({
  names: ['image ls', 'image list', 'images'],
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'List images',
  operands: between(0, 1),
  flags: {
    all: toggle('a', 'Show all images (default hides intermediate images)'),
    digests: toggle('', 'Show digests'),
    filter: filters(),
    format: text('', formatHelp),
    'no-trunc': toggle('', "Don't truncate output"),
    quiet: toggle('q', 'Only show image IDs'),
  },
  run: async ({ flags, operands: [reference], session }) => {
    const { all, quiet, digests } = flags
    const format = flags.format ?? (quiet ? undefined : (await session.config()).file.imagesFormat)
    const wanted = { ...flags.filter, ...(reference === undefined ? {} : { reference: [reference] }) }
    const images = await listImages(await session.client(), { all, digests, filters: wanted })
    const showDigests = digests || (format?.includes('.Digest') ?? false)
    const rows = images.flatMap((image) => imageRows(image, { full: flags['no-trunc'], digests: showDigests }))
    session.console.stdout.write(formatRows(imageLayout({ digests }), rows, { format, quiet }))
    return 0
  },
})
