/** How long what nobody holds any more is kept, in milliseconds each. */
export interface Retention {
  /** Bytes that no manifest names, from the moment a client was told that they are here. */
  readonly unreferencedMs: number
  /** Manifests without a tag, from the moment the last one moved on. As long, a tag can be rolled back. */
  readonly untaggedMs: number
  /** Referrers (signatures, attestations) whose subject isn't here: it may be on its way, or have gone. */
  readonly danglingMs: number
  /** What was deleted on purpose: as long, it can be undeleted. */
  readonly trashMs: number
  /** Bytes whose blob is gone, for those who are reading them at this moment. */
  readonly readersMs: number
}

const hour = 60 * 60 * 1000

export const defaultRetention: Retention = {
  unreferencedMs: 24 * hour,
  untaggedMs: 30 * 24 * hour,
  danglingMs: 7 * 24 * hour,
  trashMs: 7 * 24 * hour,
  readersMs: hour / 4,
}

export const inMs = (milliseconds: number): Date => new Date(Date.now() + milliseconds)
