import {
  type Digest,
  hostPlatform,
  type ImageConfig,
  ignoreMatcher,
  invalid,
  messageOf,
  type Platform,
  SlipwayError,
} from '@slipway/core'
import { StageBuilder } from './carry-out.ts'
import { NamedContexts } from './context/named.ts'
import { readIgnorePatterns } from './context/read.ts'
import { checkDockerfile } from './dockerfile/check/check.ts'
import type { Finding } from './dockerfile/check/rules.ts'
import { type CheckSetting, parseCheckSetting } from './dockerfile/check/setting.ts'
import { findDirective } from './dockerfile/directives.ts'
import { globalArguments } from './dockerfile/globals.ts'
import { withLabelSteps } from './dockerfile/label-steps.ts'
import { parseDockerfile } from './dockerfile/parser.ts'
import { reachableStages, refuseCircles } from './dockerfile/reach.ts'
import { type FileText, readStages, targetStage } from './dockerfile/stages.ts'
import { unusedArguments } from './dockerfile/unused.ts'
import { resolveEpoch } from './epoch.ts'
import { Explainer } from './explain.ts'
import type { Vertex } from './graph/vertex.ts'
import { pathsRead, verticesOf } from './graph/walk.ts'
import { type NamedVertex, nameVertices } from './names.ts'
import { localSource, remoteSource, scratch } from './ops/source.ts'
import { type PlannedStage, Planner, type PlanOptions } from './plan.ts'
import { type Session, type Solver, solverOf } from './solver/solver.ts'
import { StepList } from './steps.ts'
import type { BaseImage, BuildRequest, BuildResult, BuildWorker } from './worker.ts'

const defaultDockerfile = 'Dockerfile'
/** A build argument that sets the checks, as `# check=` in the file does. */
const checkArgument = 'BUILDKIT_DOCKERFILE_CHECK'

/** The text in stages. Throws invalid, in docker's words and with the line, before anything is begun. */
export const readDockerfile = (text: string): FileText => readStages(parseDockerfile(text).lines)

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
    const told = request.onResolve?.(name)
    const resolved = images.resolve(name, {
      pull: request.pull,
      platform,
      ...(request.logins === undefined ? {} : { logins: request.logins }),
      lease,
      signal: request.signal,
      onProgress(progress) {
        told?.progress(progress)
        void request.onEvent({ kind: 'pull', step, progress })
      },
    })
    resolved.then(
      () => told?.done(),
      (error: unknown) => told?.done(error),
    )
    // Whoever waits for it gets the error; that may be nobody, when the plan fails elsewhere first.
    resolved.catch(() => undefined)
    known.set(name, resolved)
    return resolved
  }
}

interface Checks {
  /** Told while the file is planned, unless it turns the rule off. */
  readonly onFinding: (finding: Finding) => void
  /** Throws invalid when the file wants to fail for what was found (`# check=error=true`). */
  end(): void
}

/** What the file says of its checks, or a build argument in its place. Throws invalid. */
const checkSettingOf = ({ dockerfile, buildArgs }: BuildRequest): CheckSetting => {
  const given = buildArgs[checkArgument]
  const [text, what] =
    typeof given === 'string'
      ? [given, `build-arg:${checkArgument}`]
      : [findDirective(dockerfile, 'check') ?? '', 'check options']
  try {
    return parseCheckSetting(text)
  } catch (error) {
    throw invalid(`failed to parse ${what}: ${messageOf(error)}`, error)
  }
}

/** Tells what the build checks find in the text, and takes what is found later. */
const runChecks = (request: BuildRequest, setting: CheckSetting): Checks => {
  const { findings, isOn } = checkDockerfile(request.dockerfile, setting)
  const rules = new Set<string>()
  const tell = (finding: Finding): void => {
    rules.add(finding.rule)
    void request.onEvent({ kind: 'check', finding })
  }
  findings.forEach(tell)
  return {
    onFinding(finding) {
      if (isOn(finding)) tell(finding)
    },
    end() {
      if (setting.error && rules.size > 0) throw invalid(`lint violation found for rules: ${[...rules].join(', ')}`)
    },
  }
}

const ignoredIn = ({
  context,
  dockerfilePath = defaultDockerfile,
  signal,
}: BuildRequest): Promise<readonly string[]> =>
  context.kind === 'remote' ? Promise.resolve(context.ignore) : readIgnorePatterns(context, dockerfilePath, signal)

/** A stage with the name of a context is what that is, for who means it by its number and as target too. */
const replaceStages = (file: FileText, contexts: NamedContexts): FileText => ({
  ...file,
  stages: file.stages.map((stage) => {
    const { stageName } = stage.from
    if (stageName === undefined || !contexts.has(stageName)) return stage
    return { ...stage, from: { ...stage.from, base: stageName }, commands: [] }
  }),
})

/** The file, and the stage of it that is asked for. */
const readRequested = ({ dockerfile, target: name, saveSteps, labels }: BuildRequest, contexts: NamedContexts) => {
  const file = replaceStages(readDockerfile(dockerfile), contexts)
  const target = targetStage(file.stages, name)
  return saveSteps ? withLabelSteps(file, target, labels) : { file, target }
}

/** What is known before anything is begun. */
const prepare = async (asked: BuildRequest, worker: BuildWorker) => {
  const setting = checkSettingOf(asked)
  const contexts = new NamedContexts(asked.contexts)
  const { file, target } = readRequested(asked, contexts)
  const ignore = await ignoredIn(asked)
  const checks = runChecks(asked, setting)
  const platform: Platform = asked.platform ?? hostPlatform()
  const typed = globalArguments(file.globals, {
    platform,
    stageName: asked.target || target.from.stageName,
    buildArgs: asked.buildArgs,
  })
  const epoch = await resolveEpoch({ request: asked, stages: file.stages, globals: typed, worker })
  const { globals, seconds: newest } = epoch
  const request = { ...asked, buildArgs: epoch.buildArgs }
  const isElsewhere = (name: string): boolean => contexts.has(name)
  refuseCircles(file.stages, isElsewhere)
  const reached = asked.allStages ? file.stages : reachableStages(file.stages, target, globals, isElsewhere)
  return { request, file, platform, target, globals, reached, newest, ignore, checks, contexts }
}

type Prepared = Awaited<ReturnType<typeof prepare>>

/** What is known of a build before any of it is done. Disposing ends it, and lets go of what it made and nobody saved. */
export interface PlannedBuild extends AsyncDisposable {
  /** What can be shown of it, in the order of the file. */
  readonly steps: readonly NamedVertex[]
  /** The stages that were planned, and the one that is asked for. */
  readonly stages: readonly PlannedStage[]
  readonly target: PlannedStage
  readonly file: FileText
  readonly globals: ReadonlyMap<string, string>
  /** Does it. A stage that fails stops the others. */
  build(): Promise<BuiltTarget>
}

export interface BuiltTarget {
  readonly config: ImageConfig
  /** Records it as an image without a name, perhaps with another config over the same layers. Returns its id. */
  save(as?: ImageConfig): Promise<Digest>
}

interface Starting {
  readonly solver: Solver
  readonly steps: StepList
  readonly signal: AbortSignal
  /** A vertex failed; those that fail because of it come later. */
  readonly onFailure: (error: unknown) => void
}

const startSession = (request: BuildRequest, { solver, steps, signal, onFailure }: Starting): Session => {
  const { onOutput, onRunning, onStarted } = steps.observer
  const { observer } = request
  return solver.session({
    noCache: request.noCache,
    keepFailed: request.keepFailed,
    signal,
    client: request.client,
    observer: {
      ...observer,
      onStarted(vertex) {
        observer?.onStarted(vertex)
        onStarted(vertex)
      },
      onRunning(vertex, id) {
        observer?.onRunning(vertex, id)
        onRunning(vertex, id)
      },
      async onOutput(vertex, stream, bytes) {
        await observer?.onOutput(vertex, stream, bytes)
        await onOutput(vertex, stream, bytes)
      },
      onFinished(vertex, outcome) {
        observer?.onFinished?.(vertex, outcome)
        if (outcome.error !== undefined) onFailure(outcome.error)
      },
    },
  })
}

/** Throws why the stages aren't all there: what stopped the others, with the image of what it left if that is wanted. */
const throwFirst = (done: readonly PromiseSettledResult<unknown>[], failure: AbortSignal): void => {
  const errors: readonly unknown[] = done.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  if (errors.length === 0) return
  const { reason } = failure
  const hasImage = (error: unknown): boolean => error instanceof SlipwayError && 'failedImage' in error.detail
  throw errors.find(hasImage) ?? reason ?? errors[0]
}

const planPrepared = async (prepared: Prepared, solver: Solver): Promise<PlannedBuild> => {
  const { request, file, reached, newest, globals } = prepared
  const createdAt = newest === undefined ? undefined : new Date(newest * 1000).toISOString()
  const steps = new StepList(file, reached, request.onEvent)
  // A stage that fails stops the others; what they have finished is in the cache.
  const failure = new AbortController()
  const signal = AbortSignal.any([request.signal, failure.signal])
  await using undo = new AsyncDisposableStack()
  // At once, also for what is made ahead of the step that waits for it: nobody waits for the others any more.
  const onFailure = (error: unknown): void => failure.abort(error)
  const session = undo.use(startSession(request, { solver, steps, signal, onFailure }))
  undo.defer(() => failure.abort(new SlipwayError('cancelled', 'the build is over')))
  const { target, stages } = await plan(prepared, { ...request, signal }, { solver, session, steps })
  const explainer = new Explainer(session, request, stages)
  const carried = { ...request, signal }
  const builder = new StageBuilder({ request: carried, solver, session, steps, explainer, createdAt })
  const parts = undo.move()
  return {
    steps: nameVertices(stages, file),
    stages,
    target,
    file,
    globals,
    async build() {
      try {
        const done = await Promise.allSettled(stages.map((stage) => builder.build(stage)))
        throwFirst(done, failure.signal)
        const unused = unusedArguments(file, reached, request.buildArgs)
        if (unused.length > 0) {
          const text = `One or more build-args [${unused.join(' ')}] were not consumed`
          request.onEvent({ kind: 'warning', text })
        }
        const state = await builder.build(target)
        if (request.saveSteps && state.id === undefined) {
          throw invalid('No image was generated. Is your Dockerfile empty?')
        }
        return builder.finish(state)
      } catch (error) {
        failure.abort(error)
        throw error
      }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

interface Parts {
  readonly solver: Solver
  readonly session: Session
  readonly steps: StepList
}

const isNamed = ({ index, text }: PlannedStage, names: readonly string[] = []): boolean =>
  names.some((name) => name.toLowerCase() === text.from.stageName || name === `stage-${index}`)

const verticesOfStage = ({ steps }: PlannedStage): readonly Vertex[] => steps.flatMap(({ vertex }) => vertex ?? [])

const plan = async (prepared: Prepared, request: BuildRequest, { solver, session, steps }: Parts) => {
  const { file, globals, platform, ignore, newest, contexts, checks, reached } = prepared
  const { context } = request
  const remote = context.kind === 'remote' ? remoteSource(context.files, ignore) : undefined
  const planner = new Planner({
    stages: file.stages,
    contexts,
    globals,
    platform,
    setting: {
      ...request,
      context: context.kind === 'remote' ? (remote?.edge ?? scratch) : localSource(context, ignore),
      ...(newest === undefined ? {} : { newest }),
      ignore: ignoreMatcher(ignore),
      strictOwners: request.saveSteps,
    },
    numberOf: (line) => steps.numberOf(line),
    resolveImage: imageResolver(request, solver.worker, session),
    onFrom: (step) => steps.start(step),
    onFinding: checks.onFinding,
  })
  const target = await planner.plan(prepared.target)
  if (request.allStages) for (const each of reached) await planner.plan(each)
  const stages = await planner.all()
  checks.end()
  steps.follow(stages)
  const vertices = verticesOf(...stages.map(({ end }) => end.root.vertex))
  for (const each of [...(remote === undefined ? [] : [remote]), ...(await contexts.remotes())]) {
    each.want(pathsRead(vertices, each.edge))
  }
  session.ignoreCache(stages.filter((stage) => isNamed(stage, request.noCacheStages)).flatMap(verticesOfStage))
  return { target, stages }
}

const cancelledFor = (request: BuildRequest, error: unknown): unknown =>
  request.signal.aborted ? new SlipwayError('cancelled', 'the build was cancelled', { cause: error }) : error

/**
 * Reads a Dockerfile, resolves the images it names, and says what is to be done; nothing of it is begun. Throws invalid for
 * what is wrong with the file.
 */
export const planDockerfile = async (request: BuildRequest, worker: BuildWorker): Promise<PlannedBuild> => {
  try {
    return await planPrepared(await prepare(request, worker), solverOf(worker))
  } catch (error) {
    throw cancelledFor(request, error)
  }
}

/**
 * Builds an image from a Dockerfile and names it. Throws invalid for what is wrong with the file, before the first event,
 * and for a command that fails (`detail.exitCode`, `detail.command`); cancelled when the signal is aborted. Nothing
 * half-made stays; what was finished is in the cache.
 */
export const buildDockerfile = async (request: BuildRequest, worker: BuildWorker): Promise<BuildResult> => {
  await using planned = await planDockerfile(request, worker)
  try {
    const built = await planned.build()
    const id = await built.save()
    for (const tag of request.tags) await worker.images.tag(tag, id)
    return { id, config: built.config }
  } catch (error) {
    throw cancelledFor(request, error)
  }
}
