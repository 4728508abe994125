import { type ErrorCode, hasCode, messageOf, SlipwayError } from '@slipway/core'
import { inRuncsWords } from '../oci/crun-words.ts'

/** Why a container or an exec could not be started. docker's client exits with 127, 126 and 125 for these. */
export type FailureKind = 'not-found' | 'not-executable' | 'runtime'

/** The shim's own trouble with a log that the runtime never wrote: its “no such file” would be taken for the command's. */
const aside = /unable to retrieve OCI runtime error \(open [^)]*\): /

/** The words that docker looks for in what the OCI runtime says, in its order. */
const kinds: readonly { readonly words: RegExp; readonly kind: FailureKind; readonly code: ErrorCode }[] = [
  { words: /executable file not found|no such file or directory/i, kind: 'not-found', code: 'invalid' },
  { words: /permission denied|is a directory|exec format error/i, kind: 'not-executable', code: 'invalid' },
  { words: /not a directory/i, kind: 'not-executable', code: 'invalid' },
]

const mountHint =
  ': Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type'

const prefixes = {
  create: 'failed to create task for container: failed to create shim task: ',
  start: 'failed to start task for container: ',
  exec: '',
} as const

/**
 * The shim's report of a failed runc, as docker tells it; `detail.kind` is a FailureKind. Errors that aren't a runtime's
 * (the shim is gone, the process is known already) are given back as they are.
 */
export const runtimeFailure = (error: unknown, during: keyof typeof prefixes): unknown => {
  if (!hasCode(error, 'internal') || !/OCI runtime|exec failed/.test(error.message)) return error
  const said = inRuncsWords(messageOf(error)).replace(aside, '')
  const found = kinds.find(({ words }) => words.test(said))
  const hint = /not a directory/i.test(said) && /mount/i.test(said) ? mountHint : ''
  return new SlipwayError(found?.code ?? 'internal', `${prefixes[during]}${said}${hint}: unknown`, {
    cause: error,
    detail: { kind: found?.kind ?? 'runtime', during },
  })
}
