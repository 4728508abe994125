import { isFromEngine, isFromHub, messageOf } from '@slipway/client'

/** Ends the command with an exit code and, unless it is empty, a text on stderr. */
export class Exit extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message = '', options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** An error as docker words it: what the engine said is told from what went wrong here. */
export const errorText = (error: unknown): string => {
  if (isFromHub(error)) return `Error response from hub: ${error.message}`
  return isFromEngine(error) ? `Error response from daemon: ${error.message}` : messageOf(error)
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  EEXIST: 'file exists',
  ENOTDIR: 'not a directory',
}

/** `open /a/b: no such file or directory`: a file that can't be read, in the words of Go's programs. */
export const fileProblem = (error: unknown, path: string): string => {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
  return reason === undefined ? messageOf(error) : `open ${path}: ${reason}`
}

/** docker's: bad flags, or the engine itself failed. */
export const engineFailed = 125
const notExecutable = 126
const notFound = 127

const startFailures: readonly (readonly [pattern: RegExp, exitCode: number])[] = [
  [/permission denied|is a directory/i, notExecutable],
  [/executable file not found|no such file or directory/i, notFound],
]

/** What the shell convention makes of a container that couldn't be started. */
export const exitCodeOfStart = (error: unknown): number =>
  startFailures.find(([pattern]) => pattern.test(messageOf(error)))?.[1] ?? engineFailed
