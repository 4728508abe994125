import { type ClientSession, contentSize, writeContent } from '@slipway/buildkit'
import { hasCode, type ImageTarget } from '@slipway/core'

/** The store that clients open over the directory they want a layout in. */
const store = 'export'

/** A client's directory, as an OCI layout: blobs go there, and what names them is the client's to write. */
export const layoutOf = (session: ClientSession, signal: AbortSignal): ImageTarget => ({
  async has({ digest }) {
    try {
      await contentSize(session, store, digest, signal)
      return true
    } catch (error) {
      if (hasCode(error, 'not-found')) return false
      throw error
    }
  },
  push: (target, bytes) => writeContent(session, store, target, bytes, signal),
  tag: async () => undefined,
})
