import { fullName, type ImageConfig } from '@slipway/core'
import type { Edge } from '../graph/vertex.ts'
import { changeFiles } from '../ops/file.ts'
import { type RemoteEdge, remoteSource, scratch } from '../ops/source.ts'
import type { NamedContext } from '../worker.ts'

/** A named context, ready to be planned with. */
export type ContextSource =
  | { readonly kind: 'image'; readonly reference: string }
  | { readonly kind: 'built'; readonly config: ImageConfig }
  | { readonly kind: 'files'; readonly edge: Edge; readonly remote?: RemoteEdge }

const sourceOf = (context: NamedContext): ContextSource => {
  if (context.kind === 'source') return { kind: 'files', edge: context.edge }
  if (context.kind !== 'remote') return context
  const remote = remoteSource(context.files, context.ignore)
  return { kind: 'files', edge: remote.edge, remote }
}

/** The contexts of one build, by name: `alpine` and `docker.io/library/alpine:latest` are one. */
export class NamedContexts {
  readonly #byName: ReadonlyMap<string, ContextSource>

  constructor(contexts: ReadonlyMap<string, NamedContext> = new Map()) {
    this.#byName = new Map([...contexts].map(([name, context]) => [fullName(name), sourceOf(context)]))
  }

  /** Two names are never one of them: nothing, and the context itself. */
  find(name: string): ContextSource | undefined {
    return /^(?:scratch|context)$/i.test(name) ? undefined : this.#byName.get(fullName(name))
  }

  remotes(): readonly RemoteEdge[] {
    return [...this.#byName.values()].flatMap((source) => (source.kind === 'files' ? (source.remote ?? []) : []))
  }
}

/** Files as a file system that a stage can begin with. */
export const filesAsRoot = (edge: Edge): Edge =>
  changeFiles(
    scratch,
    [
      {
        kind: 'copy',
        paths: ['/'],
        destination: '/',
        keepOwner: false,
        unpack: false,
        parents: false,
        exclude: [],
        fromContext: true,
      },
    ],
    edge,
  )
