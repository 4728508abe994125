import { listTrash } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../command.ts'
import { ago, humanSize } from '../../format/human.ts'
import { withHub } from '../../hub/connect.ts'
import { layoutOf, listFlags, printRows } from '../../hub/list.ts'
import { parseHubName } from '../../hub/name.ts'

const layout = layoutOf(
  'Digest',
  {
    Digest: 'DIGEST',
    Size: 'SIZE',
    DeletedSince: 'DELETED',
    DeletedAt: 'DELETED AT',
    DeletedBy: 'BY',
    MediaType: 'MEDIA TYPE',
  },
  ['Digest', 'Size', 'DeletedSince', 'DeletedBy'],
)

export const command = defineCommand({
  names: ['hub trash'],
  usage: '[OPTIONS] REPOSITORY',
  summary: 'List what can be undeleted in a repository',
  operands: exactly(1),
  flags: listFlags('digests'),
  run: ({ flags, operands: [typed = ''], session }) => {
    const { server = flags.server, repository } = parseHubName(typed)
    return withHub(session, server, async (hub) => {
      const rows = (await listTrash(hub, repository)).map((row) => ({
        Digest: row.digest,
        Size: humanSize(row.size),
        DeletedSince: ago(new Date(row.deletedAt)),
        DeletedAt: row.deletedAt,
        DeletedBy: row.deletedBy ?? '',
        MediaType: row.mediaType,
      }))
      return printRows(session, layout, rows, flags)
    })
  },
})
