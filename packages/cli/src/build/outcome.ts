import { writeFile } from 'node:fs/promises'
import { detailsOf, failedImageType } from '@slipway/buildkit/client'
import { messageOf } from '@slipway/client'
import type { Session } from '../command.ts'
import { Exit } from '../exit.ts'
import { printLine } from '../terminal/console.ts'
import type { BuildFlags } from './flags.ts'
import { imageIdOf, metadataOf } from './metadata.ts'

/** gRPC's codes, as Go's clients write them before a message. */
const codeNames: Readonly<Record<number, string>> = {
  1: 'Canceled',
  3: 'InvalidArgument',
  5: 'NotFound',
  6: 'AlreadyExists',
  7: 'PermissionDenied',
  8: 'ResourceExhausted',
  9: 'FailedPrecondition',
  12: 'Unimplemented',
  13: 'Internal',
  14: 'Unavailable',
  16: 'Unauthenticated',
}

/** 128 + SIGINT */
const interrupted = 130

/** The end of a build that failed: the lines of the Dockerfile it is about, and why. */
export const failed = async (error: unknown, signal: AbortSignal): Promise<Exit> => {
  if (error instanceof Exit) return error
  if (signal.aborted)
    return new Exit(interrupted, 'ERROR: failed to build: failed to solve: Canceled: context canceled')
  const { grpcCode } = (error as { detail?: { grpcCode?: number } }).detail ?? {}
  const code = grpcCode === undefined ? undefined : codeNames[grpcCode]
  const why = `ERROR: failed to build: failed to solve: ${code === undefined ? '' : `${code}: `}${messageOf(error)}`
  const { excerptsOf } = await import('./excerpt.ts')
  return new Exit(1, `${excerptsOf(error)}${why}`, { cause: error })
}

/** The image of what a step that failed left behind; undefined: it wasn't asked for, or no step failed. */
export const failedImageOf = (error: unknown): string | undefined => {
  const found = detailsOf(error).find(({ typeUrl }) => typeUrl === failedImageType)
  return found && (JSON.parse(Buffer.from(found.value).toString()) as { readonly image: string }).image
}

/** What is written and printed of a build that succeeded. */
export const writeOutcome = async (
  flags: BuildFlags,
  { response, ref }: { readonly response: ReadonlyMap<string, string>; readonly ref: string },
  { console }: Session,
): Promise<void> => {
  const id = imageIdOf(response)
  if (flags.iidfile !== undefined) await writeFile(flags.iidfile, id)
  if (flags['metadata-file'] !== undefined) {
    await writeFile(flags['metadata-file'], JSON.stringify(metadataOf(response, ref), null, 2))
  }
  if ((flags.quiet || flags.progress === 'quiet') && id !== '') printLine(console, id)
}
