/** One message of the JSON stream that pull, push, build, import and load answer with. */
export interface ProgressMessage {
  /** Text to be printed as it is (build). */
  readonly stream?: string
  readonly status?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number; readonly units?: string }
  /** The count as the text of a bar, for clients that draw none. */
  readonly progress?: string
  /** Which line of the display it belongs to: a short layer id, or the tag. */
  readonly id?: string
  readonly from?: string
  readonly time?: number
  readonly timeNano?: number
  /** What failed after the answer had begun: the status is 200 by then. */
  readonly errorDetail?: { readonly code?: number; readonly message: string }
  readonly error?: string
  /** For programs: `{ID}` after a build, `{Tag, Digest, Size}` after a push. */
  readonly aux?: unknown
}

export interface BuildAux {
  readonly ID: string
  /** The image of what a failed step left behind (`keepFailed`). */
  readonly Failed?: string
  /** Why a step was or wasn't cached (`explain`); `Step` is as in `Step 2/5 : RUN make`, without its first word. */
  readonly Explained?: { readonly Step: string; readonly Lines: readonly string[] }
}

/** Of a build that ended; the steps are in the order of the file. */
export interface BuildExplanation {
  readonly Ref: string
  readonly Steps: readonly NonNullable<BuildAux['Explained']>[]
}
