import { randomBytes } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import type { BuildEvent, BuildResult, PullProgress } from '@slipway/build'
import { hexOf, messageOf, SlipwayError } from '@slipway/core'

/** One JSON line of the classic builder's stream. */
export type ClassicMessage =
  | { readonly stream: string }
  | { readonly aux: { readonly ID: string } }
  /** The image of what a failed step left behind, for whoever asked for it. */
  | { readonly aux: { readonly Failed: string } }
  /** Why a step was or wasn't cached, for whoever asked for it. */
  | { readonly aux: { readonly Explained: { readonly Step: string; readonly Lines: readonly string[] } } }
  | PullProgress
  | { readonly errorDetail: { readonly code?: number; readonly message: string }; readonly error: string }

export interface ClassicOptions {
  readonly send: (message: ClassicMessage) => void | Promise<void>
  /** Nothing but the id at the end. */
  readonly quiet: boolean
  readonly remove: boolean
  readonly forceRemove: boolean
}

/** One step: what it has to say while another's turn lasts waits here. */
interface Step {
  readonly decoders: { readonly stdout: StringDecoder; readonly stderr: StringDecoder }
  waiting: ClassicMessage[]
  waitingBytes: number
  /** 12 digits of what a RUN runs in. */
  container?: string
  finished: boolean
}

/** What a step that runs ahead may say before its turn; the rest is dropped, and said to be. */
const mostWaiting = 4 << 20

/** The classic builder made a container for every other step too, only to write down its config; RUN tells of its own. */
const withoutContainer: ReadonlySet<string> = new Set(['FROM', 'ADD', 'COPY', 'RUN'])

const instructionIn = (text: string): string => (text.trim().split(/\s/, 1)[0] ?? '').toUpperCase()

const shortId = (id: string): string => id.slice(0, 12)

/** docker shows what came on stderr in red. */
const inRed = (text: string): string => `\u001b[91m${text}\u001b[0m`

/**
 * The classic builder's own words. It did one step after the other; here they can run at the same time, so their lines are
 * put in the order of the file: the first unfinished step speaks as it goes, those behind it when their turn comes.
 */
export class ClassicRenderer {
  readonly #options: ClassicOptions
  readonly #steps = new Map<number, Step>()
  readonly #texts = new Map<number, string>()
  readonly #instructions = new Map<number, string>()
  #total = 0
  #turn = 1

  constructor(options: ClassicOptions) {
    this.#options = options
  }

  /** To be given to the build as `onEvent`. */
  readonly handle = (event: BuildEvent): void | Promise<void> => {
    if (event.kind === 'started') {
      this.#texts.set(event.step, `${event.step}/${this.#total} : ${event.text}`)
      this.#instructions.set(event.step, instructionIn(event.text))
    }
    if (event.kind === 'explained') return this.#explain(event)
    if (event.kind === 'planned') this.#total = event.total
    if (this.#options.quiet) return undefined
    switch (event.kind) {
      case 'planned':
        return undefined
      case 'check':
        // The classic builder had no checks; BuildKit's clients show them.
        return undefined
      case 'warning':
        return this.#options.send({ stream: `[Warning] ${event.text}\n` })
      case 'started':
        this.#say(event.step, { stream: `Step ${this.#texts.get(event.step)}` })
        return this.#say(event.step, { stream: '\n' })
      case 'pull':
        return this.#say(event.step, event.progress)
      case 'triggers':
        return this.#say(event.step, {
          stream: `# Executing ${event.count} build trigger${event.count > 1 ? 's' : ''}\n`,
        })
      case 'running':
        return this.#run(event.step, event.id)
      case 'output':
        return this.#output(event)
      case 'finished':
        return this.#finish(event)
    }
  }

  #step(number: number): Step {
    const known = this.#steps.get(number)
    if (known !== undefined) return known
    const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
    const step: Step = { decoders, waiting: [], waitingBytes: 0, finished: false }
    this.#steps.set(number, step)
    return step
  }

  #say(number: number, message: ClassicMessage, size = 0): void | Promise<void> {
    if (number === this.#turn) return this.#options.send(message)
    const step = this.#step(number)
    const before = step.waitingBytes
    step.waitingBytes += size
    if (step.waitingBytes <= mostWaiting) step.waiting.push(message)
    else if (before <= mostWaiting) step.waiting.push({ stream: '[output clipped]\n' })
    return undefined
  }

  #run(number: number, id: string): void | Promise<void> {
    this.#step(number).container = shortId(id)
    return this.#say(number, { stream: ` ---> Running in ${shortId(id)}\n` })
  }

  #remove(number: number, { container }: Step): void {
    if (container !== undefined) {
      void this.#say(number, { stream: ` ---> Removed intermediate container ${container}\n` })
    }
  }

  /** Told at once, and not in the step's turn: it is for programs, which have the step's number. */
  #explain({ step, lines }: Extract<BuildEvent, { kind: 'explained' }>): void | Promise<void> {
    return this.#options.send({ aux: { Explained: { Step: this.#texts.get(step) ?? String(step), Lines: lines } } })
  }

  #output({ step, stream, bytes }: Extract<BuildEvent, { kind: 'output' }>): void | Promise<void> {
    const text = this.#step(step).decoders[stream].write(Buffer.from(bytes))
    if (text === '') return undefined
    return this.#say(step, { stream: stream === 'stderr' ? inRed(text) : text }, text.length)
  }

  #finish({ step: number, cached, imageId }: Extract<BuildEvent, { kind: 'finished' }>): void {
    const step = this.#step(number)
    const instruction = this.#instructions.get(number) ?? ''
    if (cached) void this.#say(number, { stream: ' ---> Using cache\n' })
    else if (imageId !== undefined && step.container === undefined && !withoutContainer.has(instruction)) {
      void this.#run(number, randomBytes(32).toString('hex'))
    }
    if (this.#options.remove) this.#remove(number, step)
    if (imageId !== undefined) void this.#say(number, { stream: ` ---> ${shortId(hexOf(imageId))}\n` })
    else if (instruction === 'FROM') void this.#say(number, { stream: ' ---> \n' })
    step.finished = true
    this.#passOn()
  }

  /** The next unfinished step has its turn, and says what waited. */
  #passOn(): void {
    while (this.#steps.get(this.#turn)?.finished) {
      this.#steps.delete(this.#turn)
      this.#turn += 1
      const next = this.#steps.get(this.#turn)
      const waiting = next?.waiting ?? []
      if (next !== undefined) next.waiting = []
      for (const message of waiting) void this.#options.send(message)
    }
  }

  /** The end of a build that went well; `tags` in docker's short form. */
  succeed({ id }: BuildResult, tags: readonly string[]): void {
    const { send, quiet } = this.#options
    if (quiet) {
      void send({ stream: `${id}\n` })
      return
    }
    void send({ aux: { ID: id } })
    void send({ stream: `Successfully built ${shortId(hexOf(id))}\n` })
    for (const tag of tags) void send({ stream: `Successfully tagged ${tag}\n` })
  }

  /** The end of one that did not: whatever still waits comes first. */
  fail(error: unknown): void {
    const { send } = this.#options
    const failing = this.#steps.get(this.#turn)
    if (this.#options.forceRemove && failing !== undefined) this.#remove(this.#turn, failing)
    for (const [, { waiting }] of [...this.#steps].sort(([a], [b]) => a - b)) {
      for (const message of waiting) void send(message)
    }
    const failed = error instanceof SlipwayError ? error.detail['failedImage'] : undefined
    if (typeof failed === 'string') void send({ aux: { Failed: failed } })
    void send(describeError(error))
  }
}

/** The last line of a failed build. */
export const describeError = (error: unknown): Extract<ClassicMessage, { error: string }> => {
  const { exitCode: code, command, download, status } = error instanceof SlipwayError ? error.detail : {}
  if (typeof code !== 'number') {
    const why = status === undefined ? messageOf(error) : `failed to GET ${download} with status ${status}`
    const message = download === undefined ? messageOf(error) : `ADD failed: ${why}`
    return { errorDetail: { message }, error: message }
  }
  const message = `The command '${String(command)}' returned a non-zero code: ${code}`
  return { errorDetail: { code, message }, error: message }
}
