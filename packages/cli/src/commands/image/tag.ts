import { tagImage } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { checkReference } from '../../format/image-name.ts'

export const command = defineCommand({
  names: ['image tag', 'tag'],
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  operands: exactly(2),
  flags: {},
  run: async ({ operands: [source = '', target = ''], session }) => {
    checkReference(target, `Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: `)
    await tagImage(await session.client(), source, target)
    return 0
  },
})
