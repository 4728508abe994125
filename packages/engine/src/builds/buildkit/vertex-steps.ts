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
  #named: readonly NamedVertex[] = []

  show(job: Job, named: readonly NamedVertex[]): void {
    this.#named = named
    for (const { vertex, name } of named) {
      const inputs = vertex.inputs.flatMap((input) => this.#steps.get(input.vertex) ?? [])
      const step = job.progress.step(name, inputs)
      this.#steps.set(vertex, step)
      for (const input of vertex.inputs) if (!this.#steps.has(input.vertex)) this.#owners.set(input.vertex, step)
    }
  }

  readonly observer: Observer = {
    onStarted: (vertex) => void this.#steps.get(vertex)?.start(),
    onRunning: () => undefined,
    onOutput: (vertex, stream, bytes) => this.#steps.get(vertex)?.log(stream, bytes),
    onFinished: (vertex, outcome) => {
      if (outcome.error !== undefined) this.failed ??= this.#named.find((each) => each.vertex === vertex)
      const { cached, error } = outcome
      const reason = startFailure(error)
      if (reason !== undefined) this.#steps.get(vertex)?.log('stderr', Buffer.from(`runc run failed: ${reason}\n`))
      if (error !== undefined) this.#owners.get(vertex)?.finish({ error })
      this.#steps.get(vertex)?.finish(error === undefined ? { cached } : { error: inBuildKitsWords(error) })
    },
  }
}
