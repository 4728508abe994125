import { removeImage } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'
import { list, toggle } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['image rm', 'image remove', 'rmi'],
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Remove one or more images',
  operands: atLeast(1),
  flags: {
    force: toggle('f', 'Force removal of the image'),
    'no-prune': toggle('', 'Do not delete untagged parents'),
    platform: list(
      '',
      'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      {
        placeholder: 'strings',
        hidden: true,
      },
    ),
  },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (name) => {
      const removed = await removeImage(client, name, { force: flags.force, noPrune: flags['no-prune'] })
      return removed
        .map(({ Untagged, Deleted }) => (Deleted === undefined ? `Untagged: ${Untagged}` : `Deleted: ${Deleted}`))
        .join('\n')
    })
  },
})
