import { hostPlatform, invalid, type Platform, SlipwayError } from '@slipway/core'
import { StageBuilder } from './carry-out.ts'
import { readIgnorePatterns } from './context.ts'
import { checkDockerfile } from './dockerfile/check/check.ts'
import { globalArguments } from './dockerfile/globals.ts'
import { parseDockerfile } from './dockerfile/parser.ts'
import { reachableStages } from './dockerfile/reach.ts'
import { type FileText, readStages, targetStage } from './dockerfile/stages.ts'
import { unusedArguments } from './dockerfile/unused.ts'
import { localSource } from './ops/source.ts'
import { Planner, type PlanOptions } from './plan.ts'
import { type Session, Solver } from './solver/solver.ts'
import { StepList } from './steps.ts'
import type { BaseImage, BuildRequest, BuildResult, BuildWorker } from './worker.ts'

const defaultDockerfile = 'Dockerfile'

/** The text in stages. Throws invalid, in docker's words and with the line, before anything is begun. */
export const readDockerfile = (text: string): FileText => readStages(parseDockerfile(text).lines)

/** SOURCE_DATE_EPOCH in seconds, from a build argument or the ARG's default. Empty: none. Throws invalid. */
const epochOf = (buildArgs: BuildRequest['buildArgs'], globals: ReadonlyMap<string, string>): number | undefined => {
  const text = buildArgs['SOURCE_DATE_EPOCH'] ?? globals.get('SOURCE_DATE_EPOCH') ?? ''
  if (text === '') return undefined
  const seconds = Number(text)
  if (!/^\d{1,12}$/.test(text) || Number.isNaN(new Date(seconds * 1000).getTime())) {
    throw invalid(`invalid SOURCE_DATE_EPOCH: ${text}`)
  }
  return seconds
}

/** Resolves every image once. */
const imageResolver = (
  request: BuildRequest,
  { images }: BuildWorker,
  { lease }: Session,
): PlanOptions['resolveImage'] => {
  const known = new Map<string, Promise<BaseImage>>()
  return (name, platform, step) => {
    const before = known.get(name)
    if (before !== undefined) return before
    const resolved = images.resolve(name, {
      pull: request.pull,
      platform,
      ...(request.logins === undefined ? {} : { logins: request.logins }),
      lease,
      signal: request.signal,
      onProgress: (progress) => request.onEvent({ kind: 'pull', step, progress }),
    })
    // Whoever waits for it gets the error; that may be nobody, when the plan fails elsewhere first.
    resolved.catch(() => undefined)
    known.set(name, resolved)
    return resolved
  }
}

/** Tells what the build checks find. Throws invalid when the file wants to fail for it (`# check=error=true`). */
const runChecks = (request: BuildRequest, ignore: readonly string[]): void => {
  const { findings, isError } = checkDockerfile(request.dockerfile, ignore)
  for (const finding of findings) void request.onEvent({ kind: 'check', finding })
  const rules = [...new Set(findings.map(({ rule }) => rule))]
  if (isError && rules.length > 0) throw invalid(`lint violation found for rules: ${rules.join(', ')}`)
}

/** What is known before anything is begun. */
const prepare = async (request: BuildRequest) => {
  const file = readDockerfile(request.dockerfile)
  const platform: Platform = request.platform ?? hostPlatform()
  const target = targetStage(file.stages, request.target)
  const { buildArgs } = request
  const globals = globalArguments(file.globals, { platform, target: request.target, buildArgs })
  const reached = reachableStages(file.stages, target, globals)
  const newest = epochOf(buildArgs, globals)
  const ignore = await readIgnorePatterns(request.context, request.dockerfilePath ?? defaultDockerfile, request.signal)
  runChecks(request, ignore)
  return { file, platform, target, globals, reached, newest, ignore }
}

type Prepared = Awaited<ReturnType<typeof prepare>>

const buildPrepared = async (prepared: Prepared, request: BuildRequest, solver: Solver): Promise<BuildResult> => {
  const { file, reached, newest } = prepared
  const createdAt = newest === undefined ? undefined : new Date(newest * 1000).toISOString()
  const steps = new StepList(file, reached, request.onEvent)
  // A stage that fails stops the others; what they have finished is in the cache.
  const failure = new AbortController()
  const signal = AbortSignal.any([request.signal, failure.signal])
  await using session = solver.session({ noCache: request.noCache, signal, observer: steps.observer })
  try {
    const { target, stages } = await plan(prepared, { ...request, signal }, { solver, session, steps })
    const builder = new StageBuilder({ request: { ...request, signal }, solver, session, steps, createdAt })
    await Promise.all(stages.map((stage) => builder.build(stage)))
    const unused = unusedArguments(file, reached, request.buildArgs)
    if (unused.length > 0) {
      const text = `One or more build-args [${unused.join(' ')}] were not consumed`
      request.onEvent({ kind: 'warning', text })
    }
    const result = await builder.finish(await builder.build(target))
    for (const tag of request.tags) await solver.worker.images.tag(tag, result.id)
    return result
  } catch (error) {
    failure.abort(error)
    throw error
  }
}

interface Parts {
  readonly solver: Solver
  readonly session: Session
  readonly steps: StepList
}

const plan = async (prepared: Prepared, request: BuildRequest, { solver, session, steps }: Parts) => {
  const { file, globals, platform, ignore, newest } = prepared
  const planner = new Planner({
    stages: file.stages,
    globals,
    platform,
    setting: {
      ...request,
      context: localSource(request.context, ignore),
      ...(newest === undefined ? {} : { newest }),
    },
    numberOf: (line) => steps.numberOf(line),
    resolveImage: imageResolver(request, solver.worker, session),
    onFrom: (step) => steps.start(step),
  })
  const target = await planner.plan(prepared.target)
  const stages = await planner.all()
  steps.follow(stages)
  return { target, stages }
}

/** The builds of one worker share a solver: its cache, and the work that is in flight. */
const solvers = new WeakMap<BuildWorker, Solver>()

const solverOf = (worker: BuildWorker): Solver => {
  const known = solvers.get(worker) ?? new Solver(worker)
  solvers.set(worker, known)
  return known
}

/**
 * Builds an image from a Dockerfile and names it. Throws invalid for what is wrong with the file, before the first event,
 * and for a command that fails (`detail.exitCode`, `detail.command`); cancelled when the signal is aborted. Nothing
 * half-made stays; what was finished is in the cache.
 */
export const buildDockerfile = async (request: BuildRequest, worker: BuildWorker): Promise<BuildResult> => {
  const prepared = await prepare(request)
  try {
    return await buildPrepared(prepared, request, solverOf(worker))
  } catch (error) {
    if (!request.signal.aborted) throw error
    throw new SlipwayError('cancelled', 'the build was cancelled', { cause: error })
  }
}
