import type { TagRow } from '@slipway/client'
import { listTags } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../command.ts'
import { toggle } from '../../flags/flag.ts'
import { ago, humanSize, shortId } from '../../format/human.ts'
import type { Row } from '../../format/rows.ts'
import { withHub } from '../../hub/connect.ts'
import { layoutOf, limitFlag, listFlags, printRows, take } from '../../hub/list.ts'
import { parseHubName } from '../../hub/name.ts'

const layout = layoutOf(
  'Tag',
  {
    Tag: 'TAG',
    Digest: 'DIGEST',
    Size: 'SIZE',
    PushedSince: 'PUSHED',
    PushedAt: 'PUSHED AT',
    PushedBy: 'BY',
    MediaType: 'MEDIA TYPE',
    ArtifactType: 'ARTIFACT TYPE',
  },
  ['Tag', 'Digest', 'Size', 'PushedSince', 'PushedBy'],
)

const rowOf = (tag: TagRow, isWhole: boolean): Row => ({
  Tag: tag.name,
  Digest: isWhole ? tag.digest : shortId(tag.digest),
  Size: humanSize(tag.size),
  PushedSince: ago(new Date(tag.movedAt)),
  PushedAt: tag.movedAt,
  PushedBy: tag.movedBy ?? '',
  MediaType: tag.mediaType,
  ArtifactType: tag.artifactType ?? '',
})

export const command = defineCommand({
  names: ['hub tags'],
  usage: '[OPTIONS] REPOSITORY',
  summary: 'List the tags of a repository',
  operands: exactly(1),
  flags: { ...listFlags('tags'), limit: limitFlag, 'no-trunc': toggle('', "Don't truncate output") },
  run: ({ flags, operands: [typed = ''], session }) => {
    const { server = flags.server, repository } = parseHubName(typed)
    return withHub(session, server, async (hub) => {
      const found = await take(listTags(hub, repository), flags.limit)
      const rows = found.map((tag) => rowOf(tag, flags['no-trunc']))
      return printRows(session, layout, rows, flags)
    })
  },
})
