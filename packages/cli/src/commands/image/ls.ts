import { listImages } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { filters, text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { formatRows } from '../../format/rows.ts'
import { imageLayout, imageRows } from './image-row.ts'
import { imageTree } from './image-tree.ts'

type Wanted = Readonly<Record<string, readonly string[]>>

const wantedOf = ({ filter }: { readonly filter: Wanted }, reference: string | undefined): Wanted =>
  reference === undefined ? filter : { ...filter, reference: [reference] }

/** In docker's words. Throws Exit. */
const refuseBesideTree = (flags: {
  readonly quiet: boolean
  readonly 'no-trunc': boolean
  readonly digests: boolean
  readonly format: string | undefined
}): void => {
  const given: Readonly<Record<string, boolean>> = {
    quiet: flags.quiet,
    'no-trunc': flags['no-trunc'],
    'show-digest': flags.digests,
    format: flags.format !== undefined,
  }
  for (const [name, isGiven] of Object.entries(given)) {
    if (isGiven) throw new Exit(1, `--${name} is not yet supported with --tree`)
  }
}

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
    tree: toggle('', 'List multi-platform images as a tree'),
  },
  run: async ({ flags, operands: [reference], session }) => {
    const { all, quiet, digests } = flags
    if (flags.tree) {
      refuseBesideTree(flags)
      const images = await listImages(await session.client(), {
        all,
        manifests: true,
        filters: wantedOf(flags, reference),
      })
      session.console.stdout.write(imageTree(images))
      return 0
    }
    const format = flags.format ?? (quiet ? undefined : (await session.config()).file.imagesFormat)
    const images = await listImages(await session.client(), { all, digests, filters: wantedOf(flags, reference) })
    const showDigests = digests || (format?.includes('.Digest') ?? false)
    const rows = images.flatMap((image) => imageRows(image, { full: flags['no-trunc'], digests: showDigests }))
    session.console.stdout.write(formatRows(imageLayout({ digests }), rows, { format, quiet }))
    return 0
  },
})
