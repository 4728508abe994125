import type { FileText, StageText } from './dockerfile/stages.ts'
import type { Vertex } from './graph/vertex.ts'
import type { PlannedStage } from './plan.ts'
import type { Observer } from './solver/solver.ts'
import type { BuildEvent, BuildRequest } from './worker.ts'

/** What is shown as the steps of a build: the global ARGs, and every line of the stages that are built. */
export class StepList {
  readonly #numbers: ReadonlyMap<number, number>
  readonly #texts: ReadonlyMap<number, string>
  readonly #onEvent: BuildRequest['onEvent']
  readonly #started = new Set<number>()
  #byVertex: ReadonlyMap<Vertex, number> = new Map()

  constructor(file: FileText, reached: readonly StageText[], onEvent: BuildRequest['onEvent']) {
    const ofStages = reached.flatMap(({ from, commands }) => [from.line, ...commands.map(({ line }) => line)])
    const lines = [...file.globals, ...ofStages]
    this.#numbers = new Map(lines.map(({ start }, index) => [start, index + 1]))
    this.#texts = new Map(lines.map(({ original }, index) => [index + 1, original]))
    this.#onEvent = onEvent
    onEvent({ kind: 'planned', total: lines.length })
    for (const { start } of file.globals) {
      this.start(this.numberOf(start))
      onEvent({ kind: 'finished', step: this.numberOf(start), cached: false })
    }
  }

  /** The step that begins at a line of the file. */
  numberOf(line: number): number {
    return this.#numbers.get(line) ?? 0
  }

  /** Tells a step's beginning, once, whoever notices it first. */
  start(step: number): void {
    if (this.#started.has(step)) return
    this.#started.add(step)
    this.#onEvent({ kind: 'started', step, text: this.#texts.get(step) ?? '' })
  }

  /** From now on what happens to their vertices is told as their steps'. */
  follow(stages: readonly PlannedStage[]): void {
    const pairs = stages.flatMap(({ steps }) =>
      steps.flatMap(({ vertex, number }) => (vertex === undefined ? [] : [[vertex, number] as const])),
    )
    this.#byVertex = new Map(pairs)
  }

  readonly observer: Observer = {
    onStarted: (vertex) => void this.#tell(vertex, () => undefined),
    onRunning: (vertex, id) => void this.#tell(vertex, (step) => ({ kind: 'running', step, id })),
    onOutput: (vertex, stream, bytes) => this.#tell(vertex, (step) => ({ kind: 'output', step, stream, bytes })),
  }

  #tell(vertex: Vertex, event: (step: number) => BuildEvent | undefined): void | Promise<void> {
    const step = this.#byVertex.get(vertex)
    if (step === undefined) return undefined
    this.start(step)
    const told = event(step)
    return told === undefined ? undefined : this.#onEvent(told)
  }
}
