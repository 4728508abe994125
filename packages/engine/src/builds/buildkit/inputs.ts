import { type RemoteContext, readDockerfile } from '@slipway/build'
import { receiveTexts } from '@slipway/buildkit'
import { invalid, parseIgnoreFile, SlipwayError } from '@slipway/core'
import { asContext, keepsGitDir, readElsewhere } from '../elsewhere.ts'
import { sessionFiles } from './context.ts'
import { failureOf, type SourceText } from './failure.ts'
import type { FrontendParts } from './frontend.ts'
import { type FrontendOptions, readOptions } from './options.ts'
import { openElsewhere } from './remote-context.ts'

const mostText = 4 << 20
const defaultName = 'Dockerfile'

/** What is to be built, and from what. */
export interface Inputs {
  readonly source: SourceText
  readonly context: RemoteContext
  /** The step that read the Dockerfile: what is found in it is told there. */
  readonly vertex: string
}

/** One directory's small files, as a step of its own. */
const loadTexts = async (
  { job, session, signal }: FrontendParts,
  shown: { readonly label: string; readonly part: string; readonly directory: string },
  names: readonly string[],
): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly vertex: string }> => {
  const step = job.progress.step(`[internal] load ${shown.label}`).start()
  const part = step.part(`transferring ${shown.part}:`)
  let bytes = 0
  const wanted = {
    directory: shown.directory,
    follow: names,
    onBytes(total: number) {
      bytes = total
    },
  }
  try {
    const texts = await receiveTexts(session, wanted, mostText, signal)
    part.finish(bytes)
    step.finish()
    return { texts, vertex: step.digest }
  } catch (error) {
    step.finish({ error })
    throw error
  }
}

const unread = (error: unknown): unknown =>
  error instanceof SlipwayError && error.code !== 'cancelled'
    ? new SlipwayError(error.code, `failed to read dockerfile: ${error.message}`, { cause: error })
    : error

/** A file that can't be read as a Dockerfile is told of before anything else is asked for. */
const checkText = (source: SourceText): void => {
  if (source.text === '') throw invalid('the Dockerfile cannot be empty')
  try {
    readDockerfile(source.text)
  } catch (error) {
    throw failureOf(error, source)
  }
}

/** The Dockerfile, and what its ignore file says, from the client's directories. */
const loadDockerfile = async (parts: FrontendParts, options: FrontendOptions) => {
  const filename = options.get('filename') || defaultName
  const own = `${filename}.dockerignore`
  const label = `build definition from ${filename}`
  const directory = options.get('dockerfilekey') || 'dockerfile'
  const shown = { label, part: 'dockerfile', directory }
  const { texts, vertex } = await loadTexts(parts, shown, [filename, own]).catch((error: unknown) => {
    throw unread(error)
  })
  const text = texts.get(filename)
  if (text === undefined) throw invalid(`failed to read dockerfile: open ${filename}: no such file or directory`)
  const source = { filename, text }
  // A question about it is answered, whatever it is like.
  if (!options.get('requestid')) checkText(source)
  return { source, vertex, ignoreText: texts.get(own) }
}

/** A directory of the client. */
const openLocal = async (parts: FrontendParts, options: FrontendOptions): Promise<Inputs> => {
  const { session, contexts, job } = parts
  const { source, vertex, ignoreText: own } = await loadDockerfile(parts, options)
  const directory = options.get('contextkey') || 'context'
  const shown = { label: '.dockerignore', part: 'context', directory }
  const ignoreText = own ?? (await loadTexts(parts, shown, ['.dockerignore'])).texts.get('.dockerignore')
  const ignore = ignoreText === undefined ? [] : parseIgnoreFile(ignoreText)
  const files = sessionFiles({ session, directory, contexts, progress: job.progress, label: 'build context' })
  return { source, vertex, context: { kind: 'remote', files, ignore } }
}

/** A context from elsewhere, whose Dockerfile is its own unless the client names another. */
const openRemote = async (parts: FrontendParts, options: FrontendOptions, address: string): Promise<Inputs> => {
  const keepGitDir = keepsGitDir(readOptions(options).buildArgs)
  const opened = parts.job.use(await openElsewhere(address, { ...parts, keepGitDir }))
  const filename = options.get('filename') || defaultName
  if (options.has('dockerfilekey')) {
    const { source, vertex, ignoreText } = await loadDockerfile(parts, options)
    const ignore = [...opened.ignore, ...(ignoreText === undefined ? [] : parseIgnoreFile(ignoreText))]
    return { source, vertex, context: asContext(opened, address, ignore) }
  }
  const { text, ignore } = await readElsewhere(opened, filename, parts.signal)
  return { source: { filename, text }, vertex: opened.vertex, context: asContext(opened, address, ignore) }
}

/** Reads the Dockerfile, and finds where the context is. Throws what the client is to be told. */
export const openInputs = (parts: FrontendParts, options: FrontendOptions): Promise<Inputs> => {
  const address = options.get('context')
  return address ? openRemote(parts, options, address) : openLocal(parts, options)
}
