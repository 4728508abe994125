import { type DiffId, type Digest, type ImageConfig, SlipwayError } from '@slipway/core'
import type { BuiltTarget } from './build.ts'
import { configChange, environmentList, wholeConfig } from './dockerfile/config.ts'
import type { Explainer } from './explain.ts'
import { emptyImage, imageAfter } from './export/image.ts'
import { keyOf } from './ops/identity.ts'
import type { PlannedBase, PlannedStage, PlannedStep } from './plan.ts'
import type { Session, Solver } from './solver/solver.ts'
import type { StepList } from './steps.ts'
import type { BuildRequest } from './worker.ts'

/** Where a stage stands. */
export interface State {
  /** Names everything that led here: what is done next from the same state is the same step. */
  readonly key: Digest
  readonly image: ImageConfig
  /** Of the image, where it is recorded. */
  readonly id?: Digest
}

interface DoneStep {
  readonly state: State
  readonly cached: boolean
}

export interface Carrying {
  readonly request: BuildRequest
  readonly solver: Solver
  readonly session: Session
  readonly steps: StepList
  readonly explainer: Explainer
  /** SOURCE_DATE_EPOCH as ISO 8601: the time of everything. */
  readonly createdAt: string | undefined
}

/** Clients send the labels of a request in any order: the same ones are to make the same image. */
const inOrder = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Does what was planned. Stages wait only for those they stand on. */
export class StageBuilder {
  readonly #carrying: Carrying
  readonly #built = new Map<PlannedStage, Promise<State>>()

  constructor(carrying: Carrying) {
    this.#carrying = carrying
  }

  build(stage: PlannedStage): Promise<State> {
    const known = this.#built.get(stage)
    if (known !== undefined) return known
    const built = this.#build(stage)
    built.catch(() => undefined)
    this.#built.set(stage, built)
    return built
  }

  async #build(stage: PlannedStage): Promise<State> {
    const { session, steps, request } = this.#carrying
    // From the end: the solver finds its way back, and works ahead while states are written down here.
    const last = stage.steps.findLast(({ vertex }) => vertex !== undefined)?.vertex
    if (last !== undefined) void session.solve(last).catch(() => undefined)
    let state = await this.#begin(stage.base, stage)
    steps.start(stage.number)
    const finish = (step: number, cached: boolean): void => {
      const image = state.id === undefined ? {} : { imageId: state.id }
      void request.onEvent({ kind: 'finished', step, cached, ...image })
    }
    if (stage.triggers === 0) finish(stage.number, false)
    else void request.onEvent({ kind: 'triggers', step: stage.number, count: stage.triggers })
    for (const [index, step] of stage.steps.entries()) {
      steps.start(step.number)
      const done = await this.#step(state, step, index === stage.steps.length - 1)
      state = done.state
      if (index >= stage.triggers - 1) finish(step.number, done.cached && index >= stage.triggers)
    }
    return state
  }

  async #begin(base: PlannedBase, { end }: PlannedStage): Promise<State> {
    if (base.kind === 'stage') return this.build(base.stage)
    if (base.kind === 'scratch') return { key: keyOf('scratch', end.platform), image: emptyImage(end.platform) }
    if (base.kind === 'files') {
      const root = await this.#carrying.session.result(base.root)
      const diff_ids = root.kind === 'layers' ? root.layers : []
      const image = { ...emptyImage(end.platform), rootfs: { type: 'layers' as const, diff_ids } }
      return { key: keyOf('files', end.platform, diff_ids), image }
    }
    return { key: base.image.id, image: base.image.config, id: base.image.id }
  }

  /**
   * The last one writes its whole config down; of those before nobody reads it, unless each is saved. The classic builder saves
   * each, for `docker run` takes every id that it tells: what is written grows with the square of the steps, as it does in
   * docker. 500 and 1,000 ENVs take 20 and 58 MiB of configs, and 1.4 and 2.1 s (dockerd 28.5: 28 and 70 MiB, 11 and 26 s).
   * Through BuildKit's door only the last is saved.
   */
  async #step(before: State, step: PlannedStep, isLast: boolean): Promise<DoneStep> {
    const { session, solver, request, createdAt } = this.#carrying
    const solved =
      step.vertex === undefined
        ? undefined
        : await session.solve(step.vertex).catch(async (error: unknown) => {
            this.#explain(step)
            throw await this.#withFailedImage(error, before, step)
          })
    request.signal.throwIfAborted()
    this.#explain(step)
    const layers = this.#layersAfter(before, solved?.results[0])
    const { config, author = null, platform } = step.stage
    const key = keyOf(
      'step',
      before.key,
      step.createdBy ?? null,
      configChange(step.before.config, config),
      author,
      layers,
    )
    const time = await solver.cache.stateTime(key, request.noCache)
    const image = imageAfter({
      before: before.image,
      platform,
      config: this.#carrying.request.saveSteps || isLast ? wholeConfig(config) : {},
      ...(author === null ? {} : { author }),
      createdBy: step.createdBy,
      createdAt: createdAt ?? time.createdAt,
      layers,
    })
    const id = request.saveSteps ? await this.#save(image, before.id) : undefined
    const cached = time.known && solved?.cached !== false
    return { state: { key, image, ...(id === undefined ? {} : { id }) }, cached }
  }

  #explain(step: PlannedStep): void {
    const { request, explainer } = this.#carrying
    if (!request.explain) return
    const lines = explainer.explain(step)
    if (lines.length > 0) void request.onEvent({ kind: 'explained', step: step.number, lines })
  }

  /** The error, with the image of what the step left behind: its shell finds there what the step found. */
  async #withFailedImage(error: unknown, before: State, { vertex, before: stage }: PlannedStep): Promise<unknown> {
    const isItsOwn = vertex !== undefined && this.#carrying.session.failed.has(vertex)
    if (!isItsOwn || !(error instanceof SlipwayError) || !Array.isArray(error.detail['failedLayers'])) return error
    const diff_ids = error.detail['failedLayers'] as readonly DiffId[]
    const { environment, platform } = stage
    const config = wholeConfig(stage.config)
    const image: ImageConfig = {
      ...emptyImage(platform),
      config: {
        ...config,
        Env: environmentList(environment),
        Entrypoint: config.Shell?.slice(0, 1) ?? ['/bin/sh'],
        Cmd: [],
      },
      rootfs: { type: 'layers', diff_ids },
    }
    const failedImage = await this.#save(image, before.id)
    return new SlipwayError(error.code, error.message, { cause: error, detail: { ...error.detail, failedImage } })
  }

  #layersAfter(before: State, result: { readonly kind: string; readonly layers?: readonly DiffId[] } | undefined) {
    return result?.layers ?? before.image.rootfs.diff_ids
  }

  async #save(config: ImageConfig, parent: Digest | undefined): Promise<Digest> {
    const { images } = this.#carrying.solver.worker
    const { lease } = this.#carrying.session
    const { id } = await images.save({ config, lease, ...(parent === undefined ? {} : { parent }) })
    return id
  }

  /** The state as the image that was asked for, with the labels of the request unless they were steps. */
  finish(state: State): BuiltTarget {
    const { labels, saveSteps } = this.#carrying.request
    const unlabelled = saveSteps || Object.keys(labels).length === 0
    const { config } = state.image
    const image: ImageConfig = unlabelled
      ? state.image
      : { ...state.image, config: { ...config, Labels: inOrder({ ...config?.Labels, ...labels }) } }
    const saved = unlabelled ? state.id : undefined
    return { config: image, save: async (as) => (as === undefined && saved) || this.#save(as ?? image, state.id) }
  }
}
