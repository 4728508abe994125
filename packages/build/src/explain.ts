import type { Digest } from '@slipway/core'
import { assignedTo } from './dockerfile/assignments.ts'
import type { Vertex } from './graph/vertex.ts'
import { keyOf } from './ops/identity.ts'
import type { PlannedStage, PlannedStep } from './plan.ts'
import type { Difference, Reason } from './solver/account.ts'
import type { Session } from './solver/solver.ts'
import type { BuildRequest } from './worker.ts'

/** Differences of one step that are told; the others are counted. */
const mostTold = 20

/** What is done for a step itself: from its vertex back to what was there before it. */
const ownVertices = ({ vertex, before }: PlannedStep, elsewhere: ReadonlySet<Vertex>): readonly Vertex[] => {
  const own = new Set<Vertex>()
  const visit = (next: Vertex): void => {
    const isOther = next !== vertex && (next === before.root.vertex || elsewhere.has(next))
    if (isOther || own.has(next) || next.op.kind === 'source') return
    own.add(next)
    for (const input of next.inputs) visit(input.vertex)
  }
  if (vertex !== undefined) visit(vertex)
  return [...own]
}

/** What an image is called without its tag: `app:1` and `app:2` are the same build at two times. */
const withoutTag = (name: string): string => name.replace(/:[^/:]+$/, '')

/** Names what is built: by its tags, or else by what it stands on. */
const scopeOf = ({ tags, dockerfilePath = '' }: BuildRequest, stages: readonly PlannedStage[]): unknown =>
  tags.length > 0
    ? [dockerfilePath, tags.map(withoutTag).sort()]
    : [dockerfilePath, stages.map(({ text }) => text.from.line.original)]

const lineOf = ({ part, how }: Difference, step: PlannedStep): string => {
  const [kind = '', ...rest] = part.split(' ')
  const name = rest.join(' ')
  const verb = { changed: 'changed', added: 'is new', removed: 'is gone' }[how]
  switch (kind) {
    case 'instruction':
      return 'the instruction changed'
    case 'file':
      return name.endsWith('/') ? `files in ${name} changed` : `the file ${name} ${verb}`
    case 'env':
      return assignedTo(step.before.args, name) !== undefined
        ? `the argument ${name} ${verb}`
        : `the environment variable ${name} ${verb}`
    case 'mount':
      return `the mount at ${name} ${verb}`
    case 'content':
      return 'what it copies or mounts changed'
    default:
      return `the setting ${kind} changed`
  }
}

/** Parts that instructions of every kind may have or not; all others are settings, which come with the kind. */
const variable: ReadonlySet<string> = new Set(['instruction', 'file', 'env', 'mount', 'content', 'input'])

const kindOf = ({ part }: Difference): string => part.split(' ', 1)[0] ?? ''

/** A COPY is where a RUN was: nothing of theirs can be compared but what they stand on. */
const isOtherKind = (differences: readonly Difference[]): boolean =>
  differences.some(({ part }) => part === 'instruction') &&
  differences.some((difference) => difference.how !== 'changed' && !variable.has(kindOf(difference)))

/** `file` says more than `content`, and both more than that another stage changed. */
const telling = (differences: readonly Difference[]): readonly Difference[] => {
  if (isOtherKind(differences)) {
    return differences.filter(({ part }) => part === 'instruction' || part.startsWith('input '))
  }
  const kinds = new Set(differences.map(kindOf))
  return differences.filter(({ part }) => {
    if (part === 'content') return !kinds.has('file') && !kinds.has('instruction') && !kinds.has('mount')
    return true
  })
}

/** Says why the steps of a build were or weren't in the cache, by what was built before under the same names. */
export class Explainer {
  readonly #session: Session
  readonly #own = new Map<PlannedStep, readonly Vertex[]>()
  readonly #previous = new Map<PlannedStep, string>()
  readonly #names = new Map<Vertex, string>()

  constructor(session: Session, request: BuildRequest, stages: readonly PlannedStage[]) {
    this.#session = session
    const elsewhere = new Set(
      stages.flatMap(({ begin, steps }) => [begin.root.vertex, ...steps.flatMap(({ vertex }) => vertex ?? [])]),
    )
    const scope = scopeOf(request, stages)
    for (const stage of stages) this.#placeStage(stage, scope, elsewhere)
  }

  #placeStage({ index, name, begin, steps }: PlannedStage, scope: unknown, elsewhere: ReadonlySet<Vertex>): void {
    // Stages come in the order of the file: what one stands on has its name already, unless it is an image.
    let previous = this.#names.get(begin.root.vertex) ?? `the base ${name}`
    this.#names.set(begin.root.vertex, previous)
    for (const [number, step] of steps.entries()) {
      const own = ownVertices(step, elsewhere)
      this.#own.set(step, own)
      this.#previous.set(step, previous)
      for (const [each, vertex] of own.entries()) {
        this.#session.place(vertex, keyOf('place', scope, index, number, each) satisfies Digest)
      }
      if (step.vertex === undefined) continue
      previous = `step ${step.number}`
      this.#names.set(step.vertex, previous)
    }
  }

  /** One line or more: whether it was cached, and then why not. Empty: it never came to it. */
  explain(step: PlannedStep): readonly string[] {
    if (step.vertex === undefined) return ['only the config changes: there is nothing to build']
    const reasons = (this.#own.get(step) ?? []).flatMap((vertex) => {
      const reason = this.#session.reason(vertex)
      return reason === undefined ? [] : [{ vertex, reason }]
    })
    const made = reasons.filter(({ reason }) => reason.kind !== 'found' && reason.kind !== 'sameContent')
    const first = made[0] ?? reasons[0]
    if (first === undefined) return []
    const changes = made.flatMap(({ vertex, reason }) => this.#changes(vertex, reason, step))
    return changes.length > 0 ? shorten([...new Set(changes)]) : [words[first.reason.kind]]
  }

  #changes(vertex: Vertex, reason: Reason, step: PlannedStep): readonly string[] {
    if (reason.kind !== 'changed') return []
    return telling(reason.differences).flatMap(({ part, how }) => {
      if (!part.startsWith('input ')) return [`built: ${lineOf({ part, how }, step)}`]
      const input = vertex.inputs[Number(part.slice('input '.length))]?.vertex
      if (input === undefined || this.#own.get(step)?.includes(input)) return []
      const name = input === step.before.root.vertex ? this.#previous.get(step) : this.#names.get(input)
      return [`built: ${name ?? input.name} changed`]
    })
  }
}

const words: Readonly<Record<Reason['kind'], string>> = {
  found: 'cached',
  sameContent: 'cached: its files hold what they held before',
  forced: 'built: the cache was not to be used',
  new: 'built: nothing is known of an earlier build of it',
  gone: 'built: nothing changed, but what was built before is pruned',
  changed: 'built: it changed',
}

const shorten = (lines: readonly string[]): readonly string[] =>
  lines.length <= mostTold ? lines : [...lines.slice(0, mostTold), `built: and ${lines.length - mostTold} more changes`]
