import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  checkout,
  type FileSource,
  fetchFiles,
  isArchive,
  isGit,
  parseGitUrl,
  type RemoteContext,
  readContextFile,
  readIgnorePatterns,
} from '@slipway/build'
import { bytesMessage, type ClientSession, sessionMethods } from '@slipway/buildkit'
import { type Bytes, invalid, SlipwayError } from '@slipway/core'
import { receiveContext } from '../context.ts'
import { contextsIn } from '../worker.ts'
import type { FrontendParts } from './frontend.ts'

/** A context that is somewhere else than in a directory of the client. Disposing removes what was fetched. */
export interface ElsewhereContext extends AsyncDisposable {
  readonly source: FileSource
  /** What git keeps for itself. */
  readonly ignore: readonly string[]
  /** The address named a Dockerfile, and nothing to go with it. */
  readonly dockerfile?: string
}

type Parts = Pick<FrontendParts, 'worker' | 'session' | 'job' | 'signal'>

const mostDockerfile = 4 << 20
const uploadHost = 'buildkit-session'

/** `github.com/owner/name` is a repository too. */
const gitAddress = (address: string): string | undefined => {
  if (isGit(address)) return address
  return address.startsWith('github.com/') ? `https://${address}` : undefined
}

/** What the client has on its standard input. */
async function* upload(session: ClientSession, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const conversation = session.client.open(sessionMethods.upload, signal, { urlpath: path })
  conversation.finish()
  for await (const message of conversation.messages) yield bytesMessage.decode(message).data
}

const download = async (url: string, signal: AbortSignal): Promise<Bytes> => {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    throw new SlipwayError('unavailable', `failed to load ${url}: the server could not be reached`, { cause })
  })
  if (!response.ok || response.body === null) {
    throw new SlipwayError('unavailable', `failed to load ${url}: invalid response status ${response.status}`)
  }
  return Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
}

/** An archive is the context; anything else is a Dockerfile. */
const fetchArchive = async (bytes: Bytes, { worker, signal }: Parts): Promise<ElsewhereContext> => {
  await using stack = new AsyncDisposableStack()
  const { source } = stack.use(await receiveContext(bytes, worker.scratch, signal))
  const { size } = await stat(source.path)
  if (await isArchive({ path: source.path, start: 0, size })) {
    const kept = stack.move()
    return { source, ignore: [], [Symbol.asyncDispose]: () => kept.disposeAsync() }
  }
  if (size > mostDockerfile) throw invalid(`the Dockerfile is larger than ${mostDockerfile} bytes`)
  const dockerfile = await readFile(source.path, 'utf8')
  const path = await mkdtemp(join(contextsIn(worker.scratch), 'empty-'))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true })
  return { source: { kind: 'directory', path }, ignore: [], dockerfile, [Symbol.asyncDispose]: remove }
}

/** A git repository, an archive from the web or from the client's standard input. Shown as a step. Throws unsupported. */
export const openElsewhere = async (address: string, parts: Parts): Promise<ElsewhereContext> => {
  const { session, job, signal } = parts
  const git = gitAddress(address)
  const isWeb = /^https?:\/\//i.test(address) && URL.canParse(address)
  if (git === undefined && !isWeb)
    throw new SlipwayError('unsupported', `a build context from ${address} is not supported`)
  const step = job.progress.step(
    git === undefined ? '[internal] load remote build context' : `[internal] load git source ${address}`,
  )
  step.start()
  try {
    if (git !== undefined) {
      const fetched = await fetchFiles(checkout(parseGitUrl(git), { checksum: undefined, keepGitDir: false }), parts)
      step.finish()
      return fetched
    }
    const { host, pathname } = new URL(address)
    const isUpload = host === uploadHost
    const bytes = isUpload ? upload(session, pathname, signal) : await download(address, signal)
    const opened = await fetchArchive(bytes, parts)
    step.finish()
    return opened
  } catch (error) {
    step.finish({ error })
    throw error
  }
}

/** Its Dockerfile, and what it says about what is to be left out. */
export const readElsewhere = async (
  { source, ignore, dockerfile }: ElsewhereContext,
  filename: string,
  signal: AbortSignal,
) => {
  const text = dockerfile ?? (await readContextFile(source, filename, signal))
  if (text === undefined) {
    throw new SlipwayError('invalid', `failed to read dockerfile: open ${filename}: no such file or directory`)
  }
  return { text, ignore: [...ignore, ...(await readIgnorePatterns(source, filename, signal))] }
}

/** The same for a build that is planned. */
export const asContext = ({ source }: ElsewhereContext, address: string, ignore: readonly string[]): RemoteContext => ({
  kind: 'remote',
  files: { name: address, fetch: async () => ({ source, release: async () => undefined }) },
  ignore,
})
