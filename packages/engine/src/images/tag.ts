import { type Reference, SlipwayError } from '@slipway/core'
import type { ImageRoom } from './room.ts'

/** `docker tag`. Throws not-found, invalid for a reference with a digest. */
export const tagImage = async ({ store }: ImageRoom, name: string, reference: Reference): Promise<void> => {
  if (reference.digest !== undefined)
    throw new SlipwayError('invalid', 'refusing to create a tag with a digest reference')
  const { id } = await store.resolve(name)
  await store.tag(reference, id)
}
