import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  type BuildRequest,
  type BuildWorker,
  checkout,
  committedAt,
  type FileSource,
  fetchFiles,
  isArchive,
  isGit,
  type ModifiedAt,
  parseGitUrl,
  type RemoteContext,
  readContextFile,
  readIgnorePatterns,
  youngestIn,
} from '@slipway/build'
import { type Bytes, invalid, SlipwayError } from '@slipway/core'
import { receiveContext } from './context.ts'
import { contextsIn } from './worker.ts'

/** A context that is somewhere else than in a directory of the client. Disposing removes what was fetched. */
export interface ElsewhereContext extends AsyncDisposable {
  readonly source: FileSource
  /** What git keeps for itself. */
  readonly ignore: readonly string[]
  /** The address named a Dockerfile, and nothing to go with it. */
  readonly dockerfile?: string
  readonly modifiedAt?: ModifiedAt
}

interface Fetching {
  readonly worker: BuildWorker
  readonly signal: AbortSignal
  /** Of a repository, git's own directory too. */
  readonly keepGitDir?: boolean
}

/** The build argument that asks for that. */
export const keepsGitDir = ({ BUILDKIT_CONTEXT_KEEP_GIT_DIR: given }: BuildRequest['buildArgs']): boolean =>
  given !== undefined && given !== null && /^(?:1|t|true)$/i.test(given)

const mostDockerfile = 4 << 20

/** `github.com/owner/name` is a repository too. Undefined: it is none. */
export const gitAddress = (address: string): string | undefined => {
  if (isGit(address)) return address
  return address.startsWith('github.com/') ? `https://${address}` : undefined
}

/** What the web answers, and when that was changed last, in seconds since 1970. */
interface Download {
  readonly bytes: Bytes
  readonly modifiedAt: number | undefined
}

const download = async (url: string, signal: AbortSignal): Promise<Download> => {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    throw new SlipwayError('unavailable', `failed to load ${url}: the server could not be reached`, { cause })
  })
  if (!response.ok || response.body === null) {
    throw new SlipwayError('unavailable', `failed to load ${url}: invalid response status ${response.status}`)
  }
  const modified = Date.parse(response.headers.get('last-modified') ?? '')
  return {
    bytes: Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    modifiedAt: Number.isNaN(modified) ? undefined : Math.floor(modified / 1000),
  }
}

/** An archive is the context; anything else is a Dockerfile. */
export const readArchiveOrDockerfile = async (
  { bytes, modifiedAt: told }: Download,
  { worker, signal }: Fetching,
): Promise<ElsewhereContext> => {
  await using stack = new AsyncDisposableStack()
  const { source } = stack.use(await receiveContext(bytes, worker.scratch, signal))
  const { size } = await stat(source.path)
  if (await isArchive({ path: source.path, start: 0, size })) {
    const kept = stack.move()
    const modifiedAt = async () => told ?? (await youngestIn(source.path))
    return { source, ignore: [], modifiedAt, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  }
  if (size > mostDockerfile) throw invalid(`the Dockerfile is larger than ${mostDockerfile} bytes`)
  const dockerfile = await readFile(source.path, 'utf8')
  const path = await mkdtemp(join(contextsIn(worker.scratch), 'empty-'))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true })
  const modifiedAt = async () => told
  return { source: { kind: 'directory', path }, ignore: [], dockerfile, modifiedAt, [Symbol.asyncDispose]: remove }
}

/** A git repository, or an archive or a Dockerfile from the web. Throws unsupported for other addresses. */
export const fetchElsewhere = async (address: string, fetching: Fetching): Promise<ElsewhereContext> => {
  const git = gitAddress(address)
  if (git !== undefined) {
    const { keepGitDir = false } = fetching
    const fetched = await fetchFiles(checkout(parseGitUrl(git), { checksum: undefined, keepGitDir }), fetching)
    return { ...fetched, modifiedAt: (signal) => committedAt(fetched.source.path, signal) }
  }
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new SlipwayError('unsupported', `a build context from ${address} is not supported`)
  }
  return readArchiveOrDockerfile(await download(address, fetching.signal), fetching)
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
export const asContext = (
  { source, modifiedAt }: ElsewhereContext,
  address: string,
  ignore: readonly string[],
): RemoteContext => ({
  kind: 'remote',
  files: { name: address, fetch: async () => ({ source, release: async () => undefined }) },
  ignore,
  ...(modifiedAt === undefined ? {} : { modifiedAt }),
})
