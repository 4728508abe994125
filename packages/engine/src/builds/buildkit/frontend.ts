import {
  type BuildRequest,
  type BuildWorker,
  type BuiltTarget,
  describeRule,
  type Finding,
  isBuiltInSyntax,
  planDockerfile,
  type ReceivedContexts,
  requestedSyntax,
  ruleAddress,
} from '@slipway/build'
import type { ClientSession } from '@slipway/buildkit'
import { SlipwayError } from '@slipway/core'
import type { ImageRoom } from '../../images/room.ts'
import { refuseImports } from './cache-imports.ts'
import { readContexts } from './contexts.ts'
import { failureOf, type SourceText } from './failure.ts'
import { type Inputs, openInputs } from './inputs.ts'
import type { Job, Reference } from './job.ts'
import type { Links } from './links.ts'
import { sessionLogins } from './logins.ts'
import { type DockerfileOptions, type FrontendOptions, readOptions } from './options.ts'
import { showResolve } from './show-resolve.ts'
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
const listener = (job: Job, { source, vertex }: Inputs): BuildRequest['onEvent'] => {
  const texts = new Map<number, string>()
  let total = 0
  return (event) => {
    if (event.kind === 'check') tellFinding(job, vertex, source, event.finding)
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
  const inputs = await openInputs(parts, options)
  refuseImports(job, options)
  const { source, context } = inputs
  refuseOtherFrontends(source, asked)
  const steps = new VertexSteps()
  const request: BuildRequest = {
    ...asked,
    context,
    contexts: readContexts(parts, options),
    dockerfile: source.text,
    tags: [],
    saveSteps: false,
    hostNetwork: job.hostNetwork,
    client: session,
    logins: sessionLogins(session),
    observer: steps.observer,
    onResolve: (name) => showResolve(job, name),
    explain: true,
    onEvent: listener(job, inputs),
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
        throw failureOf(error, source, steps.failed?.place)
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
