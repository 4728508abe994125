import type { Duplex } from 'node:stream'
import type { DiffId, Digest, UnpackedLayer } from '@slipway/core'
import type { Follower } from '../context/coming.ts'
import type { FileSource } from '../ops/file/select.ts'
import type { BuildWorker } from '../worker.ts'

/**
 * A node of the build graph, in the shape of BuildKit's LLB: what to do, and to what. It says nothing about who asked:
 * the same vertex can be part of several builds at once.
 */
export interface Vertex {
  readonly name: string
  readonly op: Op
  readonly inputs: readonly Edge[]
}

/** One output of a vertex. */
export interface Edge {
  readonly vertex: Vertex
  readonly output: number
}

/** What a vertex made. */
export type Result =
  /** A stack of layers, all of them committed snapshots; none: an empty file system. */
  | { readonly kind: 'layers'; readonly layers: readonly DiffId[] }
  /** Files of this machine that live as long as the build, without what `ignore` (.dockerignore) takes. */
  | { readonly kind: 'files'; readonly source: FileSource; readonly ignore: readonly string[] }

/** What the steps of a build may ask of the client. */
export interface BuildClient {
  /** undefined: it has none with this id. */
  secret(id: string, signal: AbortSignal): Promise<Uint8Array | undefined>
  hasAgent(id: string, signal: AbortSignal): Promise<boolean>
  /** Leads a connection to the client's SSH agent; ends with either side. */
  connectAgent(id: string, socket: Duplex, signal: AbortSignal): void
}

export interface ComingFiles {
  /** What of them doesn't count. */
  readonly ignore: readonly string[]
  /** Lets somebody see them come, from the beginning. What is returned ends that. */
  follow(follower: Follower): () => void
}

/** An input that may not be there yet. */
export interface ComingInput {
  readonly vertex: Vertex
  readonly result: () => Promise<Result>
}

/** A layer that was begun before it was asked for. */
export interface Ahead extends AsyncDisposable {
  /** To be committed, or disposed of, by the caller; undefined: it is to be made now. Once. */
  take(): Promise<UnpackedLayer | undefined>
}

export interface OpContext {
  /** What was begun for this op. */
  readonly ahead?: Ahead | undefined
  readonly worker: BuildWorker
  readonly signal: AbortSignal
  /** Who asked for the build; undefined: somebody who can be asked for nothing. */
  readonly client?: BuildClient
  /** Keeps what the op makes until every build that waits for it has it. */
  readonly hold: (layers: readonly DiffId[]) => void
  /** What a process that fails leaves behind is kept as layers; `detail` of its error has them as `failedLayers`. */
  readonly keepFailed?: boolean
  /** To be called when the build is over: for what a source op has fetched. */
  readonly onEnd: (cleanup: () => Promise<void>) => void
  readonly onRunning: (id: string) => void
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>
}

/**
 * What a key is made of, piece by piece, each as something short that differs when the piece does: `instruction`, `env NAME`,
 * `mount /target`, `file PATH` (or `file DIRECTORY/`), `content`, `input 0` and others. Kept to tell which piece has changed.
 */
export type KeyParts = Readonly<Record<string, string>>

export interface ContentKey {
  readonly key: Digest
  /** With `content` and the files. */
  readonly parts: KeyParts
}

/** How a vertex is found again, and how it is done. */
export interface Op {
  readonly kind: 'source' | 'exec' | 'file' | 'merge' | 'diff'
  /**
   * The key by definition: what is done, and to which inputs. `inputs` are the inputs' own names (the chain id of their
   * layers); an input without one (files) makes the answer undefined: then only the content can tell.
   */
  cacheKey(inputs: readonly (Digest | undefined)[]): Digest | undefined
  /** The key by content, asked for only when the one by definition isn't known: what is done, and what the inputs hold. */
  contentKey?(inputs: readonly Result[], context: OpContext): Promise<ContentKey>
  /** What the key by definition is made of, but for the inputs. */
  parts?(): KeyParts
  /** The input whose layers each output begins with; undefined: none. Default: one output, which begins with the first input. */
  readonly outputs?: readonly (number | undefined)[]
  /** Of a source whose files come from afar, piece by piece. */
  readonly coming?: ComingFiles
  /**
   * Begins with the work before its inputs are there, as far as that is possible and it looks as if it will be wanted. `run()`
   * takes what was made from its context. `isWanted`: whatever the cache says. Disposing throws away what nobody took.
   */
  ahead?(inputs: readonly ComingInput[], context: OpContext, isWanted: boolean): Ahead | undefined
  /** Which paths of an input it looks at; undefined: all of them. */
  reads?(input: number): readonly string[] | undefined
  /** Does it. Returns one result for each output. */
  run(inputs: readonly Result[], context: OpContext): Promise<readonly Result[]>
}

export const edge = (vertex: Vertex, output = 0): Edge => ({ vertex, output })
