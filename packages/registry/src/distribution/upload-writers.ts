import type { Ingest } from '@slipway/core'
import type { BlobStorage, HasCheckpoint } from '../storage/storage.ts'

/** How long the bytes stay open for the next request. Opened anew they would have to be read and hashed from the start. */
const parkedMs = 15_000

interface Active {
  /** Known before it is open: whoever asks how far it has come must not wait in line behind it. */
  readonly opening: Promise<Ingest>
  readonly abort: () => void
  superseded: boolean
}

interface Parked {
  readonly ingest: Ingest
  readonly timer: NodeJS.Timeout
}

/** Whether it is as it was left: another process may have gone on with the upload. */
const isCurrent = async (ingest: Ingest & Partial<HasCheckpoint>): Promise<boolean> =>
  ingest.isCurrent === undefined || ingest.isCurrent()

/** One request's hold on an upload. Disposing lets go of it; after `park()` the bytes stay open for the next request. */
export interface UploadWriter extends AsyncDisposable {
  readonly ingest: Ingest
  park(): void
}

/**
 * The uploads that requests are writing to at this moment, or did so just now. An upload has one client: when a second
 * request comes for it, the first one's connection is dead and only the server hasn't noticed yet, so the newer one wins.
 */
export class UploadWriters implements AsyncDisposable {
  readonly #storage: BlobStorage
  readonly #active = new Map<string, Active>()
  readonly #parked = new Map<string, Parked>()

  constructor(storage: BlobStorage) {
    this.#storage = storage
  }

  /** Opens the upload's bytes. `abort` is called when a newer request wants them, and must end the writing soon. */
  async open(id: string, abort: () => void): Promise<UploadWriter> {
    const before = this.#active.get(id)
    if (before) {
      before.superseded = true
      before.abort()
    }
    const opening = this.#take(id)
    const active: Active = { opening, abort, superseded: false }
    this.#active.set(id, active)
    const leave = (): void => {
      if (this.#active.get(id) === active) this.#active.delete(id)
    }
    const ingest = await opening.catch((error) => {
      leave()
      throw error
    })
    let parking = false
    return {
      ingest,
      park: () => {
        parking = true
      },
      [Symbol.asyncDispose]: async () => {
        leave()
        if (parking && !active.superseded) this.#park(id, ingest)
        else await ingest[Symbol.asyncDispose]()
      },
    }
  }

  /** A request is writing, or has just done so. */
  isBusy(id: string): boolean {
    return this.#active.has(id) || this.#parked.has(id)
  }

  /** How many bytes are there, without disturbing who writes them. */
  async offset(id: string): Promise<number> {
    const active = this.#active.get(id)
    if (active) return (await active.opening).offset
    const parked = this.#parked.get(id)
    if (parked && (await isCurrent(parked.ingest))) return parked.ingest.offset
    await this.#unpark(id)?.[Symbol.asyncDispose]()
    await using ingest = await this.#storage.ingest(id)
    return ingest.offset
  }

  async #take(id: string): Promise<Ingest> {
    const parked = this.#unpark(id)
    if (parked === undefined) return this.#storage.ingest(id)
    if (await isCurrent(parked).catch(() => false)) return parked
    await parked[Symbol.asyncDispose]()
    return this.#storage.ingest(id)
  }

  #park(id: string, ingest: Ingest): void {
    const timer = setTimeout(() => void this.#unpark(id)?.[Symbol.asyncDispose](), parkedMs)
    this.#parked.set(id, { ingest, timer: timer.unref() })
  }

  #unpark(id: string): Ingest | undefined {
    const parked = this.#parked.get(id)
    this.#parked.delete(id)
    clearTimeout(parked?.timer)
    return parked?.ingest
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const parked = [...this.#parked.keys()].map((id) => this.#unpark(id)?.[Symbol.asyncDispose]())
    await Promise.all(parked)
  }
}
