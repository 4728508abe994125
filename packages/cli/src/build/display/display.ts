import type { Trace } from './trace.ts'

/** One way to show a build. */
export interface Display {
  /** There are news, or a moment has passed. */
  refresh(): void
  /** The build is over: everything is shown to its end. */
  finish(): void
}

export interface DisplayOptions {
  readonly trace: Trace
  /** `docker:default`, told beside the title. */
  readonly driver: string
  readonly builder: string
  /** It isn't said who builds: nobody does any more. */
  readonly isUntitled?: boolean | undefined
}
