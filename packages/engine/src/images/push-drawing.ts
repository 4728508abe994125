import type { CopyProgress, Descriptor, DiffId, Digest, Reference } from '@slipway/core'
import { counting, line, type Report, shortId } from './progress.ts'

interface Drawn {
  readonly id: string
  readonly count: (bytes: number) => void
}

/** Draws the layers of a push under the short names of their diffIDs, as docker does. */
export class PushDrawing {
  /** Where blobs can be mounted from. */
  readonly sisters = new Map<Digest, Reference>()
  readonly #report: Report
  readonly #lines = new Map<Digest, Drawn>()
  readonly #making = new Map<DiffId, { readonly count: (bytes: number) => void; done: number }>()

  constructor(report: Report) {
    this.#report = report
  }

  add({ digest, size }: Descriptor, diffId: DiffId, sister?: Reference): void {
    if (this.#lines.has(digest)) return
    const id = shortId(diffId)
    this.#lines.set(digest, { id, count: counting(this.#report, { id, status: 'Pushing', total: size }) })
    if (sister !== undefined) this.sisters.set(digest, sister)
  }

  /** Of a layer that goes while it is compressed, what is read is counted: how much it will be nobody knows. */
  making(diffId: DiffId, bytes: number, total: number): void {
    const making = this.#making.get(diffId) ?? {
      count: counting(this.#report, { id: shortId(diffId), status: 'Pushing', total }),
      done: 0,
    }
    this.#making.set(diffId, making)
    making.done += bytes
    making.count(making.done)
  }

  readonly onProgress = ({ descriptor: { digest }, state, bytes }: CopyProgress): void => {
    const drawn = this.#lines.get(digest)
    if (drawn === undefined) return
    if (state === 'copying') drawn.count(bytes)
    if (state === 'skipped') this.#report(line(drawn.id, 'Skipped foreign layer'))
    if (state === 'exists') this.#report(line(drawn.id, 'Layer already exists'))
    if (state === 'mounted') this.#report(line(drawn.id, `Mounted from ${this.sisters.get(digest)?.repository ?? ''}`))
    if (state === 'done') this.#report(line(drawn.id, 'Pushed'))
  }
}
