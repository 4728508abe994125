import type { StoredManifest } from '../metadata/manifests.ts'

/** Bytes of payloads: some thousand images. */
const mostBytes = 8 << 20
/** What is longer is asked for seldom, and read anew. */
const longest = 256 << 10

/**
 * The manifests that were asked for last, by what they were asked for. Whether it is still this one that is meant is looked up
 * each time; only its bytes, which a digest names for good, needn't be read and collected again.
 */
export class RecentManifests {
  readonly #manifests = new Map<string, StoredManifest>()
  #bytes = 0

  get(name: string): StoredManifest | undefined {
    return this.#manifests.get(name)
  }

  /** Notes what a name stands for now. The oldest go when there are too many. */
  note(name: string, manifest: StoredManifest): void {
    this.#forget(name)
    if (manifest.payload.length > longest) return
    this.#manifests.set(name, manifest)
    this.#bytes += manifest.payload.length
    for (const oldest of this.#manifests.keys()) {
      if (this.#bytes <= mostBytes) return
      this.#forget(oldest)
    }
  }

  #forget(name: string): void {
    this.#bytes -= this.#manifests.get(name)?.payload.length ?? 0
    this.#manifests.delete(name)
  }
}
