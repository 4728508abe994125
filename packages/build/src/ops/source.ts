import type { DiffId } from '@slipway/core'
import type { Follower } from '../context/coming.ts'
import { type Edge, edge, type Op, type Result } from '../graph/vertex.ts'
import type { FileSource } from './file/select.ts'
import { keyOf } from './identity.ts'

const given = (result: Result): Op => ({
  kind: 'source',
  cacheKey: () => (result.kind === 'layers' ? keyOf('layers', result.layers) : undefined),
  run: async () => [result],
})

/** The layers of an image that is here already; none for `scratch`. */
export const imageSource = (name: string, layers: readonly DiffId[]): Edge =>
  edge({ name, op: given({ kind: 'layers', layers }), inputs: [] })

export const scratch: Edge = imageSource('scratch', [])

/** Files that are fetched when the first vertex needs them. */
export interface RemoteFiles {
  /** How the step is shown. */
  readonly name: string
  /** Fetches `paths` (undefined: everything), without what `ignore` takes. `onEnd` is called when the build is over. */
  fetch(
    wanted: {
      readonly paths: readonly string[] | undefined
      readonly ignore: readonly string[]
      /** Sees them come, where they come piece by piece. */
      readonly follower: Follower
    },
    signal: AbortSignal,
  ): Promise<{ readonly source: FileSource; readonly release: () => Promise<void> }>
}

/** A remote context, and what is to be fetched of it, which is known only when everything is planned. */
export interface RemoteEdge {
  readonly edge: Edge
  want(paths: readonly string[] | undefined): void
}

export const remoteSource = (files: RemoteFiles, ignore: readonly string[]): RemoteEdge => {
  let paths: readonly string[] | undefined = []
  const followers = new Set<Follower>()
  const follower: Follower = (coming) => {
    for (const each of followers) each(coming)
  }
  const op: Op = {
    kind: 'source',
    cacheKey: () => undefined,
    coming: {
      ignore,
      follow(each) {
        followers.add(each)
        return () => followers.delete(each)
      },
    },
    async run(_inputs, { signal, onEnd }) {
      const { source, release } = await files.fetch({ paths, ignore, follower }, signal)
      onEnd(release)
      // The client left out what is ignored, but what lies around an exception may have come as well.
      return [{ kind: 'files', source, ignore }]
    },
  }
  return {
    edge: edge({ name: files.name, op, inputs: [] }),
    want: (more) => {
      paths = paths === undefined || more === undefined ? undefined : [...new Set([...paths, ...more])]
    },
  }
}

/** The build context, without what the patterns of its .dockerignore take. */
export const localSource = (source: FileSource, ignore: readonly string[]): Edge =>
  edge({ name: 'context', op: given({ kind: 'files', source, ignore }), inputs: [] })
