import type { NamedVertex, Observer, Vertex } from '@slipway/build'
import { inBuildKitsWords, startFailure } from './failure.ts'
import type { Job } from './job.ts'
import type { ProgressStep } from './progress.ts'

/** Tells what happens to the vertices as steps; which vertex is which step is known once everything is planned. */
export class VertexSteps {
  readonly #steps = new Map<Vertex, ProgressStep>()
  /** Of what isn't shown for itself (what an ADD fetches), the step that wanted it. */
  readonly #owners = new Map<Vertex, ProgressStep>()
  failed: NamedVertex | undefined
  #hasFailed = false
  #named: readonly NamedVertex[] = []

  show(job: Job, named: readonly NamedVertex[]): void {
    this.#named = named
    for (const { vertex, name } of named) {
      const inputs = vertex.inputs.flatMap((input) => this.#steps.get(input.vertex) ?? [])
      const step = job.progress.step(name, inputs, this.#sharedBy(vertex))
      this.#steps.set(vertex, step)
      this.#own(vertex, step)
    }
  }

  /** What it stands on and nobody sees is its own. */
  #own({ inputs }: Vertex, step: ProgressStep): void {
    for (const { vertex } of inputs) {
      if (this.#steps.has(vertex) || this.#owners.has(vertex)) continue
      this.#owners.set(vertex, step)
      this.#own(vertex, step)
    }
  }

  /** What a vertex is made of besides what it stands on; undefined: that isn't all told, as with the files of a context. */
  #sharedBy({ op, inputs }: Vertex): string | undefined {
    if (!inputs.every((input) => this.#steps.has(input.vertex))) return undefined
    if (op.kind === 'source') return ''
    return op.parts && JSON.stringify(op.parts())
  }

  readonly observer: Observer = {
    onStarted: (vertex) => void this.#steps.get(vertex)?.start(),
    onRunning: () => undefined,
    onOutput: (vertex, stream, bytes) => this.#steps.get(vertex)?.log(stream, bytes),
    onFinished: (vertex, outcome) => {
      const { cached, error } = outcome
      // What is fetched for a step has no line of its own to be shown; what fails after it was stopped.
      if (error !== undefined && !this.#hasFailed) {
        this.#hasFailed = true
        this.failed = this.#named.find((each) => each.vertex === vertex)
        this.#owners.get(vertex)?.finish({ error })
      }
      const reason = startFailure(error)
      if (reason !== undefined) this.#steps.get(vertex)?.log('stderr', Buffer.from(`runc run failed: ${reason}\n`))
      this.#steps.get(vertex)?.finish(error === undefined ? { cached } : { error: inBuildKitsWords(error) })
    },
  }
}
