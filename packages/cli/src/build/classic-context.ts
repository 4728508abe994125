import type { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { directoryContext, dockerfileContext, messageOf } from '@slipway/client'
import { Exit } from '../exit.ts'
import { isRemote } from './remote.ts'
import { readStdin } from './stdin.ts'

/** What is built: a tar that we send, or a URL that the engine fetches. */
export interface OpenedContext {
  readonly tar?: AsyncIterable<Uint8Array>
  readonly dockerfile?: string | undefined
  readonly remote?: string
}

/** A tar is sent as it is; anything else is a Dockerfile without a context. */
const fromStdin = async (stdin: Readable, dockerfile: string | undefined): Promise<OpenedContext> => {
  const { isArchive, bytes } = await readStdin(stdin)
  if (isArchive) return { tar: bytes, dockerfile }
  if (dockerfile !== undefined)
    throw new Exit(1, 'ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles')
  return dockerfileContext(await buffer(bytes))
}

/** Opens PATH, URL or `-`, with the Dockerfile that `-f` names. Throws Exit. */
export const openContext = async (
  source: string,
  dockerfile: string | undefined,
  stdin: Readable,
): Promise<OpenedContext> => {
  if (source === '-' && dockerfile === '-')
    throw new Exit(1, "invalid argument: can't use stdin for both build context and dockerfile")
  if (source === '-') return await fromStdin(stdin, dockerfile)
  if (isRemote(source)) return { remote: source, dockerfile }
  try {
    return await directoryContext(source, dockerfile === '-' ? { content: await text(stdin) } : { dockerfile })
  } catch (error) {
    throw new Exit(1, messageOf(error), { cause: error })
  }
}
