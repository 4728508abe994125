import type { ReceivedEntry } from '../ops/file/tree/received.ts'

/** A context while it comes, for who begins with what is there already. Nothing of it is certain until all of it has come. */
export interface Coming {
  /** Where the packs lie. */
  readonly directory: string
  /** A COPY would find something in it that wasn't there last time; times don't count. */
  readonly isNews: boolean
  /** The names of the packs so far; others come behind them. */
  readonly packs: readonly string[]
  /** Entry `number`, as it will stay; undefined: it, or its content, hasn't come yet. */
  at(number: number): ReceivedEntry | undefined
}

/** Called whenever there may be more. Thousands of times: what takes long is to be done later. */
export type Follower = (coming: Coming) => void
