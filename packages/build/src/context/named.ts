import { fullName, type ImageConfig } from '@slipway/core'
import type { Edge } from '../graph/vertex.ts'
import { changeFiles } from '../ops/file.ts'
import { type RemoteEdge, remoteSource, scratch } from '../ops/source.ts'
import type { NamedContext, OpenContext } from '../worker.ts'

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

/**
 * The contexts of one build, by name: `alpine` and `docker.io/library/alpine:latest` are one. What no stage needs is not fetched.
 */
export class NamedContexts {
  readonly #byName: ReadonlyMap<string, OpenContext>
  readonly #opened = new Map<string, Promise<ContextSource>>()

  constructor(contexts: ReadonlyMap<string, OpenContext> = new Map()) {
    this.#byName = new Map([...contexts].map(([name, open]) => [fullName(name), open]))
  }

  /** Two names are never one of them: nothing, and the context itself. */
  has(name: string): boolean {
    return !/^(?:scratch|context)$/i.test(name) && this.#byName.has(fullName(name))
  }

  async find(name: string): Promise<ContextSource | undefined> {
    if (!this.has(name)) return undefined
    const full = fullName(name)
    const known = this.#opened.get(full) ?? this.#byName.get(full)?.().then(sourceOf)
    if (known !== undefined) this.#opened.set(full, known)
    return await known
  }

  /** Those that were found, and that a client is to send. */
  async remotes(): Promise<readonly RemoteEdge[]> {
    const sources = await Promise.all(this.#opened.values())
    return sources.flatMap((source) => (source.kind === 'files' ? (source.remote ?? []) : []))
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
