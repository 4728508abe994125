/** A file of a case's context: its text, or what else it is. */
export type CaseFile =
  | string
  | { readonly text: string; readonly mode: number }
  | { readonly link: string }
  | { readonly directory: number }
  | { readonly base64: string }
  /** A program of this machine. */
  | { readonly copyOf: string }

/**
 * A small Dockerfile, built by BuildKit once and by us ever since. It stands on `base` (see `base.ts`) where it needs a shell.
 */
export interface Case {
  readonly name: string
  readonly lines: readonly string[]
  readonly files?: Readonly<Record<string, CaseFile>>
  readonly args?: Readonly<Record<string, string>>
  readonly target?: string
  readonly labels?: Readonly<Record<string, string>>
}
