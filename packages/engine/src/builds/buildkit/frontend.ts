import {
  type BuildRequest,
  type BuildWorker,
  type BuiltTarget,
  describeRule,
  type Finding,
  isBuiltInSyntax,
  planDockerfile,
  type ReceivedContexts,
  type RemoteContext,
  type ResolveObserver,
  requestedSyntax,
  ruleAddress,
} from '@slipway/build'
import { type ClientSession, receiveTexts } from '@slipway/buildkit'
import { formatReference, parseIgnoreFile, parseReference, SlipwayError, withDefaultTag } from '@slipway/core'
import type { ImageRoom } from '../../images/room.ts'
import { asContext, keepsGitDir, readElsewhere } from '../elsewhere.ts'
import { sessionFiles } from './context.ts'
import { readContexts } from './contexts.ts'
import { failureOf, type SourceText } from './failure.ts'
import type { Job, Reference } from './job.ts'
import type { Links } from './links.ts'
import { sessionLogins } from './logins.ts'
import { type DockerfileOptions, type FrontendOptions, readOptions } from './options.ts'
import type { ProgressStep } from './progress.ts'
import { openElsewhere } from './remote-context.ts'
import { type Answer, answerSubrequest } from './subrequest.ts'
import { VertexSteps } from './vertex-steps.ts'

export interface FrontendParts {
  readonly worker: BuildWorker
  readonly images: ImageRoom
  readonly contexts: ReceivedContexts
  readonly session: ClientSession
  readonly job: Job
  readonly links: Links
  /** Results of other builds, by the names that the client gave them. */
  readonly inputs: ReadonlyMap<string, () => Promise<BuiltTarget | undefined>>
  readonly signal: AbortSignal
}

const mostText = 4 << 20
const defaultName = 'Dockerfile'

/** What is to be built, and from what. */
interface Inputs {
  readonly source: SourceText
  readonly ignore: readonly string[]
  readonly context: RemoteContext
}

/** One directory's small files, as a step of its own. */
const loadTexts = async (
  { job, session, signal }: FrontendParts,
  shown: { readonly label: string; readonly part: string; readonly directory: string },
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
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
    return texts
  } catch (error) {
    step.finish({ error })
    throw error
  }
}

/** The Dockerfile, and what its ignore file says, from the client's directories. */
const loadDockerfile = async (parts: FrontendParts, options: FrontendOptions) => {
  const filename = options.get('filename') || defaultName
  const own = `${filename}.dockerignore`
  const label = `build definition from ${filename}`
  const directory = options.get('dockerfilekey') || 'dockerfile'
  const texts = await loadTexts(parts, { label, part: 'dockerfile', directory }, [filename, own])
  const text = texts.get(filename)
  if (text === undefined) {
    throw new SlipwayError('invalid', `failed to read dockerfile: open ${filename}: no such file or directory`)
  }
  return { source: { filename, text }, ignoreText: texts.get(own) }
}

/** A directory of the client. */
const openLocal = async (parts: FrontendParts, options: FrontendOptions): Promise<Inputs> => {
  const { session, contexts, job } = parts
  const { source, ignoreText: own } = await loadDockerfile(parts, options)
  const directory = options.get('contextkey') || 'context'
  const shown = { label: '.dockerignore', part: 'context', directory }
  const ignoreText = own ?? (await loadTexts(parts, shown, ['.dockerignore'])).get('.dockerignore')
  const ignore = ignoreText === undefined ? [] : parseIgnoreFile(ignoreText)
  const files = sessionFiles({ session, directory, contexts, progress: job.progress, label: 'build context' })
  return { source, ignore, context: { kind: 'remote', files, ignore } }
}

/** A context from elsewhere, whose Dockerfile is its own unless the client names another. */
const openRemote = async (parts: FrontendParts, options: FrontendOptions, address: string): Promise<Inputs> => {
  const keepGitDir = keepsGitDir(readOptions(options).buildArgs)
  const opened = parts.job.use(await openElsewhere(address, { ...parts, keepGitDir }))
  const filename = options.get('filename') || defaultName
  if (options.has('dockerfilekey')) {
    const { source, ignoreText } = await loadDockerfile(parts, options)
    const ignore = [...opened.ignore, ...(ignoreText === undefined ? [] : parseIgnoreFile(ignoreText))]
    return { source, ignore, context: asContext(opened, address, ignore) }
  }
  const { text, ignore } = await readElsewhere(opened, filename, parts.signal)
  return { source: { filename, text }, ignore, context: asContext(opened, address, ignore) }
}

const openInputs = (parts: FrontendParts, options: FrontendOptions): Promise<Inputs> => {
  const address = options.get('context')
  return address ? openRemote(parts, options, address) : openLocal(parts, options)
}

const fullReference = (name: string): string => {
  try {
    return formatReference(withDefaultTag(parseReference(name)))
  } catch {
    return name
  }
}

/** Looking for an image is a step; a pull tells its layers' progress there. */
const showResolve = ({ job }: FrontendParts, name: string): ResolveObserver => {
  const step = job.progress.step(`[internal] load metadata for ${fullReference(name)}`).start()
  const layers = new Map<string, ReturnType<ProgressStep['part']>>()
  return {
    progress({ id, status, progressDetail }) {
      if (id === undefined) return
      const key = `${status} ${id}`
      const part = layers.get(key) ?? step.part(key)
      layers.set(key, part)
      const { current = 0, total = 0 } = progressDetail ?? {}
      if (current > 0 && current === total) part.finish(current, total)
      else part.update(current, total)
    },
    done: (error) => step.finish(error === undefined ? {} : { error }),
  }
}

/** A finding as clients list it at the end. */
const tellFinding = (job: Job, vertex: string, { filename, text }: SourceText, finding: Finding): void => {
  const { line, end = line } = finding
  const positionOf = (index: number) => ({ line: line + index, character: 0 })
  job.progress.tell({
    warnings: [
      {
        vertex,
        level: 1,
        short: Buffer.from(`${finding.rule}: ${finding.text} (line ${finding.line})`),
        detail: [Buffer.from(describeRule(finding.rule))],
        url: ruleAddress(finding.rule),
        info: { filename, data: Buffer.from(text), language: 'Dockerfile' },
        ranges: Array.from({ length: end - line + 1 }, (_, index) => ({
          start: positionOf(index),
          end: positionOf(index),
        })),
      },
    ],
  })
}

/** What the build tells of the lines of the file: findings are shown, and why a step was made is kept. */
const listener = (job: Job, source: SourceText): BuildRequest['onEvent'] => {
  const texts = new Map<number, string>()
  let total = 0
  return (event) => {
    if (event.kind === 'check') tellFinding(job, job.progress.step('[internal] checks').digest, source, event.finding)
    if (event.kind === 'planned') total = event.total
    if (event.kind === 'started') texts.set(event.step, event.text)
    if (event.kind !== 'explained') return
    const { step, lines } = event
    job.explained.set(step, { Step: `${step}/${total} : ${texts.get(step) ?? ''}`, Lines: lines })
  }
}

/** Another frontend is named by the file itself, or by the one who builds it. */
const refuseOtherFrontends = ({ text }: SourceText, { buildArgs }: DockerfileOptions): void => {
  const name = buildArgs['BUILDKIT_SYNTAX'] || requestedSyntax(text)
  if (name === undefined || isBuiltInSyntax(name)) return
  throw new SlipwayError('unsupported', `frontend ${JSON.stringify(name.slice(0, 256))} is not supported`)
}

/**
 * Which frontend a client asks for. Throws unsupported unless it is the Dockerfile's: by its own name, or by that of an image
 * that holds it.
 */
export const checkFrontend = (name: string, options: FrontendOptions): void => {
  const source = name === 'gateway.v0' ? (options.get('source') ?? '') : name
  if (isBuiltInSyntax(source)) return
  throw new SlipwayError('unsupported', `frontend ${JSON.stringify((source || name).slice(0, 256))} is not supported`)
}

/** Something to build, or the answer to a question. */
export type FrontendResult =
  | { readonly reference: Reference; readonly answer?: undefined }
  | { readonly reference?: undefined; readonly answer: Answer }

/**
 * The Dockerfile frontend (`dockerfile.v0`): reads the Dockerfile from the client, resolves its images, and returns what can be
 * built. Steps run when the reference is evaluated.
 */
export const solveDockerfile = async (parts: FrontendParts, options: FrontendOptions): Promise<FrontendResult> => {
  const { job, worker, session, signal } = parts
  const asked = readOptions(options)
  const { source, context } = await openInputs(parts, options)
  refuseOtherFrontends(source, asked)
  const steps = new VertexSteps()
  const named = await readContexts(parts, options)
  const request: BuildRequest = {
    ...asked,
    context,
    contexts: named,
    dockerfile: source.text,
    tags: [],
    saveSteps: false,
    hostNetwork: job.hostNetwork,
    client: session,
    logins: sessionLogins(session),
    observer: steps.observer,
    onResolve: (name) => showResolve(parts, name),
    explain: true,
    onEvent: listener(job, source),
    signal,
  }
  try {
    const question = options.get('requestid')
    if (question) return { answer: await answerSubrequest(question, { source, request, worker }) }
    const planned = job.use(await planDockerfile(request, worker))
    steps.show(job, planned.steps)
    let built: Promise<BuiltTarget> | undefined
    const build = async (): Promise<BuiltTarget> => {
      try {
        return await planned.build()
      } catch (error) {
        throw failureOf(error, source, steps.failed?.lines)
      }
    }
    const evaluate = (): Promise<BuiltTarget> => {
      built ??= build()
      return built
    }
    return { reference: { evaluate } }
  } catch (error) {
    throw failureOf(error, source)
  }
}
