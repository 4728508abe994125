import { askEngine } from '../engine/calls.ts'

/** By a name: that name, and with the last one the image. By an id: the image with all its names. */
export const removeImage = (nameOrId: string): Promise<unknown> =>
  askEngine(`/images/${encodeURIComponent(nameOrId)}`, {
    method: 'DELETE',
    query: { force: nameOrId.startsWith('sha256:') },
  })
