import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { UnpackedLayer } from '@slipway/core'
import { type Adopt, adopterOf } from '@slipway/store'
import type { Coming } from '../../context/coming.ts'
import type { Ahead, ComingFiles, ComingInput, OpContext } from '../../graph/vertex.ts'
import { viewLayers } from '../layer.ts'
import { type FollowJob, type FollowMessage, packPaths } from './follow.ts'
import { followInThread } from './pool.ts'
import type { ReceivedEntry } from './tree/received.ts'

/** What is to be made, and of what. */
export interface AheadRequest extends Pick<FollowJob, 'copy' | 'newest'> {
  readonly base: ComingInput
  readonly source: ComingInput
  readonly context: OpContext
  /** It begins with the first entry, and not only when something is new. */
  readonly isWanted: boolean
}

/** Whoever follows keeps a thread as long as its client needs to send a context: others do without. */
let isFollowing = false

/** Entries in one message: so many that messages cost little, so few that nobody waits for them. */
const mostEntries = 1000

/**
 * The layer of a COPY of a whole context, made beside the receiving. It follows what comes, entry by entry, as far as contents
 * are there; when all has come little is left to be done. If it turns out that the layer is known, or can't be made in this way,
 * nothing of it stays. It begins when something is other than last time: most builds find that nothing is.
 */
class LayerAhead implements Ahead {
  readonly #request: AheadRequest
  readonly #adopt: Adopt
  readonly #ignore: readonly string[]
  readonly #stop = new AbortController()
  readonly #unfollow: () => void
  #coming: Coming | undefined
  #port: MessagePort | undefined
  #making: Promise<UnpackedLayer | undefined> | undefined
  #isTaken = false
  #isPumping = false
  #sent = 0
  #sentPacks = 0

  constructor(request: AheadRequest, adopt: Adopt, files: ComingFiles) {
    this.#request = request
    this.#adopt = adopt
    this.#ignore = files.ignore
    this.#unfollow = files.follow((coming) => this.#see(coming))
  }

  async take(): Promise<UnpackedLayer | undefined> {
    this.#isTaken = true
    return await this.#making
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow()
    this.#stop.abort()
    this.#port?.close()
    const made = await this.#making
    if (!this.#isTaken) await made?.[Symbol.asyncDispose]()
  }

  #see(coming: Coming): void {
    this.#coming = coming
    if (this.#making === undefined) {
      if ((!coming.isNews && !this.#request.isWanted) || isFollowing) return
      isFollowing = true
      this.#making = this.#make().catch(() => undefined)
    }
    if (this.#isPumping) return
    this.#isPumping = true
    setImmediate(() => {
      this.#isPumping = false
      this.#pump()
    })
  }

  /** Whatever goes wrong is told when the layer is made in the usual way. */
  async #make(): Promise<UnpackedLayer | undefined> {
    const { base, source, context, copy, newest } = this.#request
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const signal = AbortSignal.any([context.signal, this.#stop.signal])
    void source.result().then(
      () => this.#end(),
      () => port1.close(),
    )
    try {
      const below = await base.result()
      if (below.kind !== 'layers') return undefined
      return await viewLayers(below.layers, context.worker, (root) =>
        this.#adopt((image) => {
          const asked = below.layers.length === 0 ? ({ ...copy, ownerMustExist: true } as const) : copy
          return followInThread(
            { kind: 'follow', root, image, copy: asked, ignore: this.#ignore, newest },
            port2,
            signal,
          )
        }),
      )
    } finally {
      isFollowing = false
      port1.close()
    }
  }

  #end(): void {
    this.#pump()
    this.#send({ isWhole: true })
  }

  #pump(): void {
    const coming = this.#coming
    if (coming === undefined) return
    for (let entries = this.#next(coming); entries.length > 0; entries = this.#next(coming)) {
      const packs = packPaths(coming.directory, coming.packs.slice(this.#sentPacks))
      this.#sentPacks += packs.length
      this.#send({ entries, packs })
    }
  }

  #next(coming: Coming): readonly ReceivedEntry[] {
    const entries: ReceivedEntry[] = []
    for (let entry = coming.at(this.#sent); entry !== undefined; entry = coming.at(this.#sent)) {
      entries.push(entry)
      this.#sent += 1
      if (entries.length === mostEntries) break
    }
    return entries
  }

  #send(message: FollowMessage): void {
    this.#port?.postMessage(message)
  }
}

/** Undefined: it has to be made when all is there. */
export const layerAhead = (request: AheadRequest): Ahead | undefined => {
  const adopt = adopterOf(request.context.worker.snapshots)
  const { coming } = request.source.vertex.op
  return adopt === undefined || coming === undefined ? undefined : new LayerAhead(request, adopt, coming)
}
