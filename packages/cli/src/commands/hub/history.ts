import { readTagHistory } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../command.ts'
import { ago } from '../../format/human.ts'
import { withHub } from '../../hub/connect.ts'
import { layoutOf, listFlags, printRows } from '../../hub/list.ts'
import { parseTagged } from '../../hub/name.ts'

const layout = layoutOf(
  'Digest',
  { Digest: 'DIGEST', MovedSince: 'WHEN', MovedAt: 'AT', MovedBy: 'BY', Available: 'AVAILABLE' },
  ['Digest', 'MovedSince', 'MovedBy', 'Available'],
)

export const command = defineCommand({
  names: ['hub history'],
  usage: '[OPTIONS] REPOSITORY:TAG',
  summary: 'Show what a tag has named, the newest first',
  operands: exactly(1),
  flags: listFlags('digests'),
  run: ({ flags, operands: [typed = ''], session }) => {
    const { server = flags.server, repository, tag } = parseTagged(typed)
    return withHub(session, server, async (hub) => {
      const moves = await readTagHistory(hub, repository, tag)
      const rows = moves.map(({ digest, movedAt, movedBy, available }) => ({
        Digest: digest ?? '(removed)',
        MovedSince: ago(new Date(movedAt)),
        MovedAt: movedAt,
        MovedBy: movedBy ?? '',
        Available: String(available),
      }))
      return printRows(session, layout, rows, flags)
    })
  },
})
