import { formatPlatform, invalid, type Platform } from '@slipway/core'
import { applyAll } from './apply.ts'
import {
  atImage,
  beginStage,
  builtImage,
  checkReference,
  layersOf,
  platformOf,
  readTrigger,
  triggersOf,
} from './base.ts'
import { filesAsRoot, type NamedContexts } from './context/named.ts'
import type { Finding } from './dockerfile/check/rules.ts'
import type { Command } from './dockerfile/instruction.ts'
import type { Line } from './dockerfile/parser.ts'
import { fromLine } from './dockerfile/problem.ts'
import { baseName } from './dockerfile/reach.ts'
import type { Setting, Stage } from './dockerfile/stage.ts'
import { findStage, type StageText, sourceOf } from './dockerfile/stages.ts'
import type { Edge, Vertex } from './graph/vertex.ts'
import { scratch } from './ops/source.ts'
import type { BaseImage } from './worker.ts'

/** One instruction, ready to be done. */
export interface PlannedStep {
  /** As it is shown: 2 of `Step 2/5`. The triggers of a base image have their FROM's. */
  readonly number: number
  readonly line: Line
  /** The stage before it. */
  readonly before: Stage
  /** What has to be done; undefined: only the config changes. */
  readonly vertex?: Vertex
  /** The stage after it. */
  readonly stage: Stage
  readonly createdBy?: string | undefined
}

export type PlannedBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: PlannedStage }
  /** `reference`: under which it was found; without it another build made it. */
  | { readonly kind: 'image'; readonly image: BaseImage; readonly reference?: string }
  | { readonly kind: 'files'; readonly root: Edge }

export interface PlannedStage {
  readonly index: number
  readonly text: StageText
  /** The base as its FROM names it. */
  readonly name: string
  readonly begin: Stage
  /** The number of its FROM. */
  readonly number: number
  readonly base: PlannedBase
  /** How many triggers of the base image come first. */
  readonly triggers: number
  readonly steps: readonly PlannedStep[]
  readonly end: Stage
}

export interface PlanOptions {
  readonly stages: readonly StageText[]
  readonly contexts: NamedContexts
  readonly globals: ReadonlyMap<string, string>
  readonly platform: Platform
  readonly setting: Omit<Setting, 'sourceOf' | 'globalArgs'>
  /** The number of an instruction, by its line. */
  readonly numberOf: (line: number) => number
  /** `step`: for whose sake. */
  readonly resolveImage: (name: string, platform: Platform, step: number) => Promise<BaseImage>
  readonly onFrom: (step: number) => void
  /** What the build checks find on the way. */
  readonly onFinding: (finding: Finding) => void
}

/** Letters in what the instructions of a build come to, RUN aside: a variable can double the one before it, line after line. */
const mostWritten = 2 ** 24

/**
 * Turns stages into vertices. Asked for one stage, plans those it needs; images are resolved on the way, since what they
 * say about the environment decides how the text after them is read. Nothing is built.
 */
export class Planner {
  readonly #options: PlanOptions
  readonly #planned = new Map<number, Promise<PlannedStage>>()
  #written = 0

  constructor(options: PlanOptions) {
    this.#options = options
  }

  plan(stage: StageText): Promise<PlannedStage> {
    const known = this.#planned.get(stage.index)
    if (known !== undefined) return known
    const planned = this.#plan(stage)
    // Whoever needs it gets the error; that may be nobody, when another stage fails first.
    planned.catch(() => undefined)
    this.#planned.set(stage.index, planned)
    return planned
  }

  /** For one that another needs: thousands in a row would be more than the stack holds. */
  async #planLater(stage: StageText): Promise<PlannedStage> {
    await Promise.resolve()
    return this.plan(stage)
  }

  /** All that were planned, in the order of the file. */
  async all(): Promise<readonly PlannedStage[]> {
    return (await Promise.all(this.#planned.values())).sort((a, b) => a.index - b.index)
  }

  async #plan(text: StageText): Promise<PlannedStage> {
    const { numberOf, globals, platform, onFrom } = this.#options
    const number = numberOf(text.from.line.start)
    onFrom(number)
    const name = baseName(text, globals)
    // One that is wrong is told also where nothing is to be resolved for it.
    const wanted = platformOf(text, this.#options)
    const base = await this.#base(text, name, { number, wanted })
    const triggers = triggersOf(base).map((trigger) => readTrigger(trigger, text.from.line))
    const commands = [
      ...triggers.map((command) => ({ command, number })),
      ...text.commands.map((command) => ({ command, number: numberOf(command.line.start) })),
    ]
    const sources = await this.#sources(text, commands)
    const setting: Setting = {
      ...this.#options.setting,
      globalArgs: globals,
      sourceOf: (source) => sources.get(source) ?? this.#options.setting.context,
    }
    const begin = beginStage(base, name, platform)
    const steps = applyAll(commands, begin, {
      setting,
      onFinding: this.#options.onFinding,
      onWritten: (line, letters) => this.#onWritten(line, letters),
    })
    const end = steps.at(-1)?.stage ?? begin
    return { index: text.index, text, name, begin, number, base, triggers: triggers.length, steps, end }
  }

  #onWritten(line: Line, letters: number): void {
    this.#written += letters
    if (this.#written <= mostWritten) return
    fromLine(line, () => {
      throw invalid(`the values in a Dockerfile may have ${mostWritten} letters together`)
    })
  }

  async #base(
    text: StageText,
    name: string,
    { number, wanted }: { readonly number: number; readonly wanted: Platform },
  ): Promise<PlannedBase> {
    const { stages, resolveImage, contexts } = this.#options
    if (name === 'scratch') return { kind: 'scratch' }
    const context = await contexts.find(name)
    if (context?.kind === 'files') return { kind: 'files', root: filesAsRoot(context.edge) }
    if (context?.kind === 'built') return { kind: 'image', image: builtImage(context.config) }
    if (context?.kind === 'image') {
      const { reference } = context
      const image = await atImage(name, text.from.line, () => resolveImage(reference, wanted, number))
      return { kind: 'image', image, reference }
    }
    const stage = findStage(stages, name, text.index)
    if (stage !== undefined) return { kind: 'stage', stage: await this.#planLater(stage) }
    checkReference(name, text.from.line)
    const image = await atImage(name, text.from.line, () => resolveImage(name, wanted, number))
    this.#checkPlatform(name, text, { wanted, image })
    return { kind: 'image', image, reference: name }
  }

  #checkPlatform(
    name: string,
    { from: { line } }: StageText,
    { wanted, image }: { readonly wanted: Platform; readonly image: BaseImage },
  ): void {
    const { os, architecture, variant } = image.config
    const found: Platform = { os, architecture, ...(variant === undefined ? {} : { variant }) }
    if (os === wanted.os && architecture === wanted.architecture) return
    const quoted = (platform: Platform): string => JSON.stringify(formatPlatform(platform))
    this.#options.onFinding({
      rule: 'InvalidBaseImagePlatform',
      text: `Base image ${name} was pulled with platform ${quoted(found)}, expected ${quoted(wanted)} for current build`,
      line: line.start,
      end: line.end,
    })
  }

  /** The file systems of other stages and images that the commands read, by the name they use. */
  async #sources(
    text: StageText,
    commands: readonly { readonly command: Command; readonly number: number }[],
  ): Promise<ReadonlyMap<string, Edge>> {
    const { stages, resolveImage, contexts, platform } = this.#options
    const found = new Map<string, Promise<Edge>>()
    for (const { command, number } of commands) {
      for (const source of command.sources) {
        const { name } = source
        const stage = contexts.has(name) ? undefined : fromLine(command.line, () => sourceOf(stages, source, text))
        const resolve = async (): Promise<Edge> => {
          const context = await contexts.find(name)
          if (context?.kind === 'files') return context.edge
          if (context?.kind === 'built') return layersOf(name, context.config)
          if (context?.kind === 'image') {
            const { reference } = context
            const image = await atImage(name, command.line, () => resolveImage(reference, platform, number))
            return layersOf(name, image.config)
          }
          if (stage !== undefined) return (await this.#planLater(stage)).end.root
          if (name === 'scratch') return scratch
          checkReference(name, command.line)
          const image = await atImage(name, command.line, () => resolveImage(name, platform, number))
          return layersOf(name, image.config)
        }
        if (found.has(name)) continue
        const edge = resolve()
        edge.catch(() => undefined)
        found.set(name, edge)
      }
    }
    return new Map(await Promise.all([...found].map(async ([name, edge]) => [name, await edge] as const)))
  }
}
